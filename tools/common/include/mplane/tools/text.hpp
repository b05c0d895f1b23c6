#pragma once

#include "mplane/model/element.hpp"
#include "mplane/model/value.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// A peer's text, fit for a terminal: control characters (which could steer it) and broken UTF-8
/// are shown as "?".
std::string printable(std::string_view text);

/// How many places UTF-8 takes on a terminal, if each character takes one.
std::size_t width_of(std::string_view text) noexcept;

/// Texts in columns, each as wide as its widest cell, two blanks between them.
class TextTable {
 public:
  enum class Align : bool { Left, Right };

  explicit TextTable(std::vector<Align> columns) : align_(std::move(columns)) {}

  /// As many cells as there are columns. They are made printable.
  void add(const std::vector<std::string>& cells);
  std::size_t row_count() const noexcept { return rows_.size(); }

  /// The lines, each with a line break and without blanks at its end.
  std::string to_string() const;
  /// How wide the widest line is.
  std::size_t width() const;
  /// The same turned on its side, for more columns than fit: a line a cell, the cell of the first
  /// row before it; an empty line between rows.
  std::string to_records() const;

 private:
  std::vector<std::size_t> widths() const;

  std::vector<Align> align_;
  std::vector<std::vector<std::string>> rows_;
};

/// Numbers stand on the right.
TextTable::Align align_of(Primitive primitive) noexcept;

/// "" for an empty list, else the items with a separator between them.
std::string joined(const std::vector<std::string>& items, std::string_view separator);

/// "1 capability", "2 capabilities".
std::string counted(std::size_t count, std::string_view one, std::string_view many);

}  // namespace mplane
