#include "mplane/tools/text.hpp"

#include <algorithm>

namespace mplane {
namespace {

bool continues(const char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// How long the UTF-8 sequence is that begins with this byte; 0 when none does.
std::size_t sequence_length(const unsigned char lead) noexcept {
  if (lead < 0x80U) return 1;
  if (lead >= 0xC2U && lead < 0xE0U) return 2;
  if (lead >= 0xE0U && lead < 0xF0U) return 3;
  if (lead >= 0xF0U && lead < 0xF5U) return 4;
  return 0;
}

/// The length of the character at the beginning; 0 when it is none, or steers a terminal: C0, DEL
/// and C1, which UTF-8 writes as C2 80 to C2 9F.
std::size_t character_length(const std::string_view text) noexcept {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = sequence_length(lead);
  if (length == 0 || length > text.size() || lead < 0x20U || lead == 0x7FU) return 0;
  const std::string_view tail = text.substr(1, length - 1);
  if (!std::all_of(tail.begin(), tail.end(), continues)) return 0;
  const bool is_c1 = lead == 0xC2U && static_cast<unsigned char>(text[1]) < 0xA0U;
  return is_c1 ? 0 : length;
}

std::string padded(const std::string& text, const std::size_t width, const TextTable::Align align) {
  const std::string blanks(width - width_of(text), ' ');
  return align == TextTable::Align::Right ? blanks + text : text + blanks;
}

void append_line(std::string& out, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0) {
      out += '?';
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::size_t width_of(const std::string_view text) noexcept {
  return text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues));
}

void TextTable::add(const std::vector<std::string>& cells) {
  std::vector<std::string>& row = rows_.emplace_back();
  for (const std::string& cell : cells) row.push_back(printable(cell));
}

std::vector<std::size_t> TextTable::widths() const {
  std::vector<std::size_t> widths(align_.size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  return widths;
}

std::size_t TextTable::width() const {
  std::size_t width = 0;
  for (const std::size_t column : widths()) width += column + 2;
  return width < 2 ? 0 : width - 2;
}

std::string TextTable::to_string() const {
  const auto width = widths();
  std::string out;
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += (i == 0 ? "" : "  ") + padded(row[i], width[i], align_[i]);
    }
    append_line(out, std::move(line));
  }
  return out;
}

std::string TextTable::to_records() const {
  std::string out;
  for (std::size_t row = 1; row < rows_.size(); ++row) {
    if (row > 1) out += "\n";
    TextTable record({Align::Left, Align::Left});
    for (std::size_t i = 0; i < align_.size(); ++i) record.add({rows_[0][i], rows_[row][i]});
    out += record.to_string();
  }
  return out;
}

TextTable::Align align_of(const Primitive primitive) noexcept {
  const bool number = primitive == Primitive::Natural || primitive == Primitive::Real;
  return number ? TextTable::Align::Right : TextTable::Align::Left;
}

std::string joined(const std::vector<std::string>& items, const std::string_view separator) {
  std::string out;
  for (const std::string& item : items) {
    if (!out.empty()) out += separator;
    out += item;
  }
  return out;
}

std::string counted(const std::size_t count, const std::string_view one,
                    const std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

}  // namespace mplane
