#include "json_writer.hpp"

#include "utf8.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace mplane::detail {
namespace {

bool is_plain(const char c) noexcept {
  const auto value = static_cast<unsigned char>(c);
  return value >= 0x20 && value < 0x80 && c != '"' && c != '\\';
}

// Eight bytes at once: the high bit of each byte that is `target` (after exclusive or: zero).
constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighs = 0x8080808080808080;

constexpr std::uint64_t zero_bytes(const std::uint64_t word) noexcept {
  return (word - kOnes) & ~word & kHighs;
}

constexpr bool all_plain(const std::uint64_t word) noexcept {
  const std::uint64_t controls = (word - kOnes * 0x20) & ~word & kHighs;
  const std::uint64_t quotes = zero_bytes(word ^ (kOnes * '"'));
  const std::uint64_t backslashes = zero_bytes(word ^ (kOnes * '\\'));
  return ((word & kHighs) | controls | quotes | backslashes) == 0;
}

// How many bytes at the front go out as they are.
std::size_t plain_prefix(const std::string_view text) noexcept {
  std::size_t at = 0;
  for (; at + sizeof(std::uint64_t) <= text.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof(word));
    if (!all_plain(word)) break;
  }
  while (at < text.size() && is_plain(text[at])) ++at;
  return at;
}

void append_escape(std::string& out, const char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  constexpr std::string_view kShort = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  out += '\\';
  const std::size_t place = kShort.find(c);
  if (place != std::string_view::npos) {
    out += kLetters[place];
    return;
  }
  const auto value = static_cast<unsigned char>(c);
  out += "u00";
  out += kHex[value >> 4U];
  out += kHex[value & 0xFU];
}

// Appends the one character at the front, which is not plain; how long it was.
std::size_t append_special(std::string& out, const std::string_view text) {
  const std::size_t length = utf8_sequence(text);
  if (length == 0) {
    out += "\xEF\xBF\xBD";
    return 1;
  }
  if (length == 1) {
    append_escape(out, text[0]);
  } else {
    out += text.substr(0, length);
  }
  return length;
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  for (;;) {
    const std::size_t plain = plain_prefix(text);
    out += text.substr(0, plain);
    if (plain == text.size()) return;
    text.remove_prefix(plain);
    text.remove_prefix(append_special(out, text));
  }
}

void JsonWriter::new_line() {
  if (!pretty_) return;
  out_ += '\n';
  out_.append(static_cast<std::size_t>(2 * depth_), ' ');
}

// What stands before a value or a key.
void JsonWriter::separate() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (depth_ == 0) return;
  if (!is_first_) out_ += ',';
  is_first_ = false;
  new_line();
}

void JsonWriter::begin(const char bracket) {
  separate();
  out_ += bracket;
  ++depth_;
  is_first_ = true;
}

void JsonWriter::end(const char bracket) {
  --depth_;
  if (!is_first_) new_line();
  out_ += bracket;
  is_first_ = false;
}

void JsonWriter::key(const std::string_view name) {
  separate();
  out_ += '"';
  append_escaped(out_, name);
  out_ += pretty_ ? "\": " : "\":";
  after_key_ = true;
}

void JsonWriter::text(const std::string_view text) {
  separate();
  out_ += '"';
  append_escaped(out_, text);
  out_ += '"';
}

void JsonWriter::literal(const std::string_view json) {
  separate();
  out_ += json;
}

std::string& JsonWriter::value() {
  separate();
  return out_;
}

}  // namespace mplane::detail
