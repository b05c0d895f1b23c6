#pragma once

#include <cstddef>
#include <string_view>

namespace mplane::detail {

/// The first bytes of a text, at most so many and no part of a character (UTF-8, RFC 3629): what a
/// peer says can be of any length, what is said of it need not be.
constexpr std::string_view shortened(const std::string_view text, std::size_t most) noexcept {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
  return text.substr(0, most);
}

}  // namespace mplane::detail
