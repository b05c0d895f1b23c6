#pragma once

#include "mplane/model/element.hpp"
#include "mplane/model/value.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mplane {

/// One column of a result: values of one primitive, side by side in typed storage; a cell costs
/// about its value's own bytes. One thread at a time; const access is thread-safe.
class Column {
 public:
  explicit Column(Primitive primitive);

  Primitive primitive() const noexcept { return primitive_; }
  std::size_t size() const noexcept { return size_; }
  bool has_value(std::size_t row) const noexcept;

  /// The cell as a value. Only of a row there is.
  Value value(std::size_t row) const;
  /// Appends its text form ("*" for no value) to `out`.
  void append_text(std::string& out, std::size_t row) const;
  /// Whether it holds texts, of strings or URLs.
  bool is_text() const noexcept { return std::holds_alternative<Texts>(storage_); }
  /// The text of a cell, empty where there is no value; valid until the column changes. Only of a
  /// row there is in a column that holds texts.
  std::string_view text(std::size_t row) const noexcept;

  /// Makes room for so many rows in all.
  void reserve(std::size_t rows);
  /// Adds a cell. @throws Error{Invalid, Malformed} when the value does not fit the primitive.
  void push(const Value& value);
  /// Adds the cell that a text means. @throws Error{Malformed} naming text and primitive.
  void push_text(std::string_view text);
  void push_no_value();
  /// Gives back what `reserve` and growing took too much.
  void shrink();

  friend bool operator==(const Column& a, const Column& b) noexcept;

 private:
  struct Texts {  // cell i is bytes[ends[i-1] .. ends[i])
    std::vector<char> bytes;
    std::vector<std::uint32_t> ends;
    friend bool operator==(const Texts&, const Texts&) noexcept = default;
  };
  struct Addresses {  // packed; IPv4 in five bytes until the first IPv6 comes
    std::vector<std::uint8_t> bytes;
    bool wide = false;
    friend bool operator==(const Addresses&, const Addresses&) noexcept = default;
  };
  using Storage = std::variant<Texts, std::vector<std::uint64_t>, std::vector<double>,
                               std::vector<std::uint8_t>, std::vector<Time>, Addresses>;

  void push_bytes(std::string_view bytes);
  void push_address(const Address& address);
  template <typename T>
  void push_scalar(T value);

  Primitive primitive_;
  std::size_t size_ = 0;
  Storage storage_;
  std::vector<std::uint64_t> missing_;  // a bit a row; empty while every row has a value
};

}  // namespace mplane
