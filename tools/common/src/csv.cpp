#include "mplane/tools/csv.hpp"

#include <variant>

namespace mplane {
namespace {

std::string quoted_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

}  // namespace

std::string csv_cell(const Value& value) {
  if (!value.has_value()) return {};
  if (const auto* boolean = std::get_if<bool>(&value.alternatives())) {
    return *boolean ? "true" : "false";
  }
  return to_string(value);
}

std::string csv_line(const std::vector<std::string>& cells) {
  // An empty line would be taken for no row at all.
  if (cells.size() == 1 && cells.front().empty()) return "\"\"\n";
  std::string line;
  for (const std::string& cell : cells) {
    if (&cell != &cells.front()) line += ',';
    line += quoted_cell(cell);
  }
  return line + "\n";
}

}  // namespace mplane
