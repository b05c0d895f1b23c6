#include "utf8.hpp"

#include <cstdint>
#include <cstring>

namespace mplane::detail {
namespace {

bool in_range(const char byte, const unsigned low, const unsigned high) noexcept {
  const auto value = static_cast<unsigned char>(byte);
  return value >= low && value <= high;
}

bool is_continuation(const char byte) noexcept { return in_range(byte, 0x80, 0xBF); }

// Table 3-7 of the Unicode standard: which second bytes may follow a lead byte of three or four.
bool second_fits(const char lead, const char second) noexcept {
  switch (static_cast<unsigned char>(lead)) {
    case 0xE0:
      return in_range(second, 0xA0, 0xBF);
    case 0xED:
      return in_range(second, 0x80, 0x9F);
    case 0xF0:
      return in_range(second, 0x90, 0xBF);
    case 0xF4:
      return in_range(second, 0x80, 0x8F);
    default:
      return is_continuation(second);
  }
}

std::size_t length_by_lead(const char lead) noexcept {
  if (in_range(lead, 0x00, 0x7F)) return 1;
  if (in_range(lead, 0xC2, 0xDF)) return 2;
  if (in_range(lead, 0xE0, 0xEF)) return 3;
  if (in_range(lead, 0xF0, 0xF4)) return 4;
  return 0;
}

// How many bytes at the front are ASCII, counted eight at a time.
std::size_t ascii_prefix(const std::string_view text) noexcept {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::size_t at = 0;
  for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof(word));
    if ((word & kHighBits) != 0) break;
  }
  while (at < text.size() && in_range(text[at], 0x00, 0x7F)) ++at;
  return at;
}

}  // namespace

std::size_t utf8_sequence(const std::string_view text) noexcept {
  if (text.empty()) return 0;
  const std::size_t length = length_by_lead(text[0]);
  if (length > text.size()) return 0;
  if (length >= 2 && !second_fits(text[0], text[1])) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (!is_continuation(text[i])) return 0;
  }
  return length;
}

bool is_utf8(std::string_view text) noexcept {
  for (;;) {
    text.remove_prefix(ascii_prefix(text));
    if (text.empty()) return true;
    const std::size_t length = utf8_sequence(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
}

}  // namespace mplane::detail
