#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace mplane::detail {

/// Whether a character stands in a JSON string as itself: ASCII but for quotes, backslashes and
/// control characters.
constexpr bool is_plain(const char c) noexcept {
  const auto value = static_cast<unsigned char>(c);
  return value >= 0x20 && value < 0x80 && c != '"' && c != '\\';
}

/// Eight characters at once: the high bit of each that is not plain. Above the lowest of them more
/// may be set.
constexpr std::uint64_t not_plain(const std::uint64_t word) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  const std::uint64_t quotes = word ^ (kOnes * '"');
  const std::uint64_t backslashes = word ^ (kOnes * '\\');
  // A subtraction takes the high bit of each byte that was too small from the byte above.
  const std::uint64_t small = (word - kOnes * 0x20) | (quotes - kOnes) | (backslashes - kOnes);
  return (small | word) & (kOnes * 0x80);
}

inline std::uint64_t load_word(const char* const from) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof(word));
  return word;
}

/// The end of the plain characters that `begin` starts with.
inline const char* skip_plain(const char* const begin, const char* const end) noexcept {
  constexpr std::ptrdiff_t kWord = 8;
  const char* at = begin;
  if (std::endian::native == std::endian::little && end - begin >= kWord) {
    for (; end - at >= kWord; at += kWord) {
      const std::uint64_t found = not_plain(load_word(at));
      if (found != 0) return at + std::countr_zero(found) / 8;
    }
    at = end - kWord;  // the last word, part of which is known to be plain
    const std::uint64_t found = not_plain(load_word(at));
    return found == 0 ? end : at + std::countr_zero(found) / 8;
  }
  while (at != end && is_plain(*at)) ++at;
  return at;
}

}  // namespace mplane::detail
