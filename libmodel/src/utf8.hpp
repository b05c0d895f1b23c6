#pragma once

#include <cstddef>
#include <string_view>

namespace mplane::detail {

/// How many bytes the UTF-8 sequence at the front of `text` has: 1 to 4; 0 when there is none (an
/// overlong form, a surrogate, a code point over U+10FFFF, a stray or missing continuation byte).
std::size_t utf8_sequence(std::string_view text) noexcept;

/// Whether all of `text` is UTF-8.
bool is_utf8(std::string_view text) noexcept;

}  // namespace mplane::detail
