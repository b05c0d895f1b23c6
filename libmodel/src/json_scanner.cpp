#include "json_scanner.hpp"

#include "json_plain.hpp"
#include "mplane/model/error.hpp"
#include "scanner.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <limits>

namespace mplane::detail {
namespace {

constexpr std::uint32_t kFirstHighSurrogate = 0xD800;
constexpr std::uint32_t kFirstLowSurrogate = 0xDC00;
constexpr std::uint32_t kPastSurrogates = 0xE000;

void append_utf8(std::string& out, const std::uint32_t code_point) {
  const auto tail = [&](const unsigned shift) {
    out += static_cast<char>(0x80U | ((code_point >> shift) & 0x3FU));
  };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xC0U | (code_point >> 6U));
    tail(0);
  } else if (code_point < 0x10000) {
    out += static_cast<char>(0xE0U | (code_point >> 12U));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | (code_point >> 18U));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace

JsonScanner::JsonScanner(const std::string_view text, const std::size_t depth)
    : begin_(text.data()), at_(begin_), end_(begin_ + text.size()), deepest_(depth) {
  constexpr std::size_t kLongest = std::numeric_limits<std::uint32_t>::max();
  if (text.size() > kLongest) {
    throw Error(ErrorKind::TooLarge, {}, "a text of over four gigabytes");
  }
  if (text.starts_with("\xEF\xBB\xBF")) fail("a byte order mark");
}

void JsonScanner::fail(const std::string_view reason) const {
  throw Error(ErrorKind::Malformed, {}, "not JSON " + place() + ": " + std::string(reason));
}

std::string JsonScanner::place() const {
  const std::string_view before(begin_, static_cast<std::size_t>(at_ - begin_));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t line_start = before.rfind('\n') + 1;  // 0 where there is none
  return "at line " + std::to_string(line) + ", column " +
         std::to_string(before.size() - line_start + 1);
}

void JsonScanner::skip_blanks() noexcept {
  while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
}

RawValue JsonScanner::value() {
  just_opened_ = false;
  skip_blanks();
  if (at_ == end_) fail("the text ends where a value should be");
  switch (*at_) {
    case '"': {
      const std::string_view text = string();
      return {text.data(), static_cast<std::uint32_t>(text.size()), RawValue::Kind::String};
    }
    case '{':
      return open(RawValue::Kind::Object);
    case '[':
      return open(RawValue::Kind::Array);
    case 't':
      return literal("true", RawValue::Kind::True);
    case 'f':
      return literal("false", RawValue::Kind::False);
    case 'n':
      return literal("null", RawValue::Kind::Null);
    default:
      return number();
  }
}

RawValue JsonScanner::open(const RawValue::Kind kind) {
  if (depth_ == deepest_) {
    throw Error(ErrorKind::TooLarge, {},
                "nested deeper than " + std::to_string(deepest_) + " levels " + place());
  }
  ++depth_;
  ++at_;
  just_opened_ = true;
  return {nullptr, 0, kind};
}

RawValue JsonScanner::literal(const std::string_view word, const RawValue::Kind kind) {
  if (!std::string_view(at_, left()).starts_with(word)) fail("a value should be here");
  at_ += word.size();
  return {nullptr, 0, kind};
}

RawValue JsonScanner::number() {
  const char* const begin = at_;
  if (*at_ == '-') ++at_;
  if (at_ != end_ && *at_ == '0') {
    ++at_;
  } else if (at_ != end_ && is_digit(*at_)) {
    digits();
  } else {
    fail("a value should be here");
  }
  if (at_ != end_ && *at_ == '.') {
    ++at_;
    digits();
  }
  if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
    ++at_;
    if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
    digits();
  }
  return {begin, static_cast<std::uint32_t>(at_ - begin), RawValue::Kind::Number};
}

// At least one.
void JsonScanner::digits() {
  if (at_ == end_ || !is_digit(*at_)) fail("a digit should be here");
  while (at_ != end_ && is_digit(*at_)) ++at_;
}

// What comes after a value or an opening bracket: the end, or a comma and something more.
bool JsonScanner::next(const char end, const std::string_view otherwise) {
  skip_blanks();
  if (at_ != end_ && *at_ == end) {
    ++at_;
    --depth_;
    just_opened_ = false;
    return false;
  }
  if (just_opened_) return true;
  if (at_ == end_ || *at_ != ',') fail(otherwise);
  ++at_;
  return true;
}

bool JsonScanner::next_element() { return next(']', "a comma or ] should be here"); }

bool JsonScanner::next_member(std::string_view& name) {
  if (!next('}', "a comma or } should be here")) return false;
  just_opened_ = false;
  skip_blanks();
  if (at_ == end_ || *at_ != '"') fail("a name in quotes should be here");
  name = string();
  skip_blanks();
  if (at_ == end_ || *at_ != ':') fail("a colon should be here");
  ++at_;
  return true;
}

void JsonScanner::skip(const RawValue& value) {
  std::string_view name;
  if (value.kind == RawValue::Kind::Array) {
    while (next_element()) skip(this->value());
  } else if (value.kind == RawValue::Kind::Object) {
    while (next_member(name)) skip(this->value());
  }
}

void JsonScanner::expect_end() {
  skip_blanks();
  if (at_ != end_) fail("the text should have ended");
}

std::string_view JsonScanner::string() {
  const char* const begin = ++at_;
  for (;;) {
    at_ = skip_plain(at_, end_);
    if (at_ == end_) fail("the text ends within a string");
    if (*at_ == '"') break;
    if (*at_ == '\\') return string_with_escapes(begin);
    expect_utf8();
  }
  const std::string_view text(begin, static_cast<std::size_t>(at_ - begin));
  ++at_;
  return text;
}

// The same, from the first escape on: the text has to be put together.
std::string_view JsonScanner::string_with_escapes(const char* begin) {
  std::string& text = decoded_.emplace_back();
  for (;;) {
    text.append(begin, at_);
    if (at_ == end_) fail("the text ends within a string");
    begin = at_;
    if (*at_ == '"') break;
    if (*at_ == '\\') {
      escape(text);
      begin = at_;
    } else if (!is_plain(*at_)) {
      expect_utf8();
    }
    at_ = skip_plain(at_, end_);
  }
  ++at_;
  return text;
}

void JsonScanner::expect_utf8() {
  if (static_cast<unsigned char>(*at_) < 0x20) fail("a control character within a string");
  const std::size_t length = utf8_sequence({at_, left()});
  if (length == 0) fail("this is not UTF-8");
  at_ += length;
}

void JsonScanner::escape(std::string& out) {
  constexpr std::string_view kLetters = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  if (left() < 2) fail("the text ends within a string");
  const char letter = at_[1];
  if (letter == 'u') {
    append_utf8(out, code_point());
    return;
  }
  const std::size_t place = kLetters.find(letter);
  if (place == std::string_view::npos) fail("there is no such escape");
  out += kMeanings[place];
  at_ += 2;
}

std::uint32_t JsonScanner::code_point() {
  const std::uint32_t first = four_hex_digits();
  if (first < kFirstHighSurrogate || first >= kPastSurrogates) return first;
  const bool is_pair = first < kFirstLowSurrogate && left() >= 2 && at_[0] == '\\' && at_[1] == 'u';
  const std::uint32_t second = is_pair ? four_hex_digits() : 0;
  if (second < kFirstLowSurrogate || second >= kPastSurrogates) fail("a lone surrogate");
  return 0x10000 + ((first - kFirstHighSurrogate) << 10U) + (second - kFirstLowSurrogate);
}

// Of an escape "\u12ab".
std::uint32_t JsonScanner::four_hex_digits() {
  constexpr std::size_t kLength = 6;
  if (left() < kLength) fail("the text ends within a string");
  std::uint32_t value = 0;
  for (std::size_t i = 2; i < kLength; ++i) {
    const char c = at_[i];
    const char lower = static_cast<char>(c | 0x20);
    if (is_digit(c)) {
      value = value * 16 + static_cast<std::uint32_t>(c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      value = value * 16 + static_cast<std::uint32_t>(lower - 'a' + 10);
    } else {
      fail("four hexadecimal digits should be here");
    }
  }
  at_ += kLength;
  return value;
}

}  // namespace mplane::detail
