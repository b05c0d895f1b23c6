#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace mplane::detail {

/// A 64-bit fingerprint of a name, eight bytes at a time. For tables of names that we chose
/// ourselves: whoever may choose the names can make them collide.
inline std::uint64_t name_key(const std::string_view name) noexcept {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;  // 2^64 divided by the golden ratio
  std::uint64_t key = name.size() * kOdd;
  const char* at = name.data();
  std::size_t left = name.size();
  const auto mix = [&key](const std::uint64_t word) {
    key = (key ^ word) * kOdd;
    key ^= key >> 32U;
  };
  for (; left >= sizeof(std::uint64_t); left -= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof(word));
    mix(word);
    at += sizeof(word);
  }
  std::uint64_t tail = 0;
  if (left > 0) std::memcpy(&tail, at, left);
  mix(tail);
  return key;
}

}  // namespace mplane::detail
