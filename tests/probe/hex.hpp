#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mplane::test {

/// The bytes that hexadecimal digits mean; blanks between them are skipped.
inline std::vector<std::uint8_t> bytes_of(std::string_view hex) {
  std::vector<std::uint8_t> bytes;
  std::string digits;
  for (const char c : hex) {
    if (c != ' ') digits += c;
    if (digits.size() < 2) continue;
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(digits, nullptr, 16)));
    digits.clear();
  }
  return bytes;
}

}  // namespace mplane::test
