#include "mplane/model/detail/json_writer.hpp"

#include "json_plain.hpp"
#include "utf8.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace mplane::detail {
namespace {

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
    const char* const end = text.data() + text.size();
    const char* const special = skip_plain(text.data(), end);
    out.append(text.data(), special);
    if (special == end) return;
    text.remove_prefix(static_cast<std::size_t>(special - text.data()));
    text.remove_prefix(append_special(out, text));
  }
}

void JsonWriter::new_line() {
  if (!pretty_) return;
  out_ += '\n';
  out_.append(2 * static_cast<std::size_t>(depth_), ' ');
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
