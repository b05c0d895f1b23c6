#include "mplane/model/quoted.hpp"

#include "utf8.hpp"

#include <cstddef>

namespace mplane {
namespace {

constexpr std::size_t kLongest = 100;

void append_escape(std::string& out, const char byte) {
  constexpr std::string_view kHex = "0123456789abcdef";
  const auto value = static_cast<unsigned char>(byte);
  out += "\\x";
  out += kHex[value >> 4U];
  out += kHex[value & 0xFU];
}

void append_ascii(std::string& out, const char c) {
  const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  if (c == '\n') {
    out += "\\n";
  } else if (c == '\t') {
    out += "\\t";
  } else if (is_control) {
    append_escape(out, c);
  } else {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
}

// U+0080 to U+009F: control characters too, some terminals act on them.
bool is_c1_control(const std::string_view sequence) noexcept {
  return sequence.size() == 2 && sequence[0] == '\xC2' &&
         static_cast<unsigned char>(sequence[1]) < 0xA0;
}

}  // namespace

std::string quoted(const std::string_view text) {
  std::string out = "\"";
  std::size_t at = 0;
  while (at < text.size() && at < kLongest) {
    const std::size_t length = detail::utf8_sequence(text.substr(at));
    const std::string_view sequence = text.substr(at, length == 0 ? 1 : length);
    if (length == 1) {
      append_ascii(out, text[at]);
    } else if (length == 0 || is_c1_control(sequence)) {
      for (const char byte : sequence) append_escape(out, byte);
    } else {
      out += sequence;
    }
    at += sequence.size();
  }
  out += at < text.size() ? "…\"" : "\"";
  return out;
}

}  // namespace mplane
