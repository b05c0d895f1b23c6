#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>

namespace mplane::detail {

/// A JSON value as it was found. Of arrays and objects the kind alone.
struct RawValue {
  enum class Kind : std::uint8_t { Absent, Null, False, True, Number, String, Array, Object };

  const char* data = nullptr;
  std::uint32_t size = 0;
  Kind kind = Kind::Absent;

  /// Of a string its contents, of a number its digits.
  std::string_view text() const noexcept { return {data, size}; }
};

/// Reads JSON (RFC 8259) from left to right, as whoever reads asks for it, and checks all of it:
/// also what is skipped. Nothing is copied: texts are views of the input, but for those with
/// escapes, which the scanner keeps. Numbers stay text, so that none loses a digit. One thread at a
/// time.
///
///     RawValue root = scanner.value();             // {"a": [1, 2], "b": null}
///     while (scanner.next_member(key)) {
///       const RawValue value = scanner.value();
///       if (value.kind == RawValue::Kind::Array) while (scanner.next_element()) scanner.value();
///     }
///     scanner.expect_end();
///
/// All functions throw Error{Malformed} naming the place where the text stops being JSON, as line
/// and column (in bytes), both from 1.
class JsonScanner {
 public:
  /// Keeps a view of `text`, which outlives it. @param depth how many arrays and objects may be
  /// open at once; each costs stack where it is skipped.
  JsonScanner(std::string_view text, std::size_t depth);

  /// The next value; of an array or object its opening bracket. Whoever gets one of those goes
  /// through its elements or members to the end, or skips it.
  RawValue value();
  /// Whether there is another element in the innermost open array; if not, its end was read.
  bool next_element();
  /// The same for the members of the innermost open object; reads the member's name.
  bool next_member(std::string_view& name);
  /// Skips the rest of a value that was just read: nothing unless it is an array or object.
  void skip(const RawValue& value);
  void expect_end();

  /// How many bytes are left to read.
  std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }

 private:
  [[noreturn]] void fail(std::string_view reason) const;
  std::string place() const;
  void skip_blanks() noexcept;
  bool next(char end, std::string_view otherwise);
  RawValue open(RawValue::Kind kind);
  RawValue literal(std::string_view word, RawValue::Kind kind);
  RawValue number();
  void digits();
  std::string_view string();
  std::string_view string_with_escapes(const char* begin);
  void expect_utf8();
  void escape(std::string& out);
  std::uint32_t four_hex_digits();
  std::uint32_t code_point();

  const char* begin_;
  const char* at_;
  const char* end_;
  std::size_t depth_ = 0;
  std::size_t deepest_;
  bool just_opened_ = false;        // nothing was read yet of the innermost array or object
  std::list<std::string> decoded_;  // the texts that had escapes
};

}  // namespace mplane::detail
