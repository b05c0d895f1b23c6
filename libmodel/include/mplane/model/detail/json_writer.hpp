#pragma once

#include <string>
#include <string_view>

namespace mplane::detail {

/// Appends a text as the inside of a JSON string: quotes, backslashes and control characters
/// escaped, bytes that are no UTF-8 as U+FFFD.
void append_escaped(std::string& out, std::string_view text);

/// Writes one JSON value into a string, compact or pretty (two spaces a level, one member a line).
/// Calls have to form a value: a key before each value in an object, an end for each begin.
/// One thread at a time.
class JsonWriter {
 public:
  /// Appends to `out`, which outlives it.
  JsonWriter(std::string& out, const bool pretty) noexcept : out_(out), pretty_(pretty) {}

  void begin_object() { begin('{'); }
  void end_object() { end('}'); }
  void begin_array() { begin('['); }
  void end_array() { end(']'); }

  /// A member's name.
  void key(std::string_view name);
  /// A string.
  void text(std::string_view text);
  /// Anything else that is JSON already: a number, null, true.
  void literal(std::string_view json);

  /// Begins a value that the caller appends to `out` himself.
  std::string& value();
  /// The string it writes to.
  std::string& out() noexcept { return out_; }

 private:
  void begin(char bracket);
  void end(char bracket);
  void separate();
  void new_line();

  std::string& out_;
  bool pretty_;
  bool is_first_ = true;    // nothing was written yet in this object or array
  bool after_key_ = false;  // the value belongs to the key just written
  int depth_ = 0;
};

}  // namespace mplane::detail
