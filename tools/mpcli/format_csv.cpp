// Rows as CSV (RFC 4180, lines end in a line feed): a header, then a line a row.

#include "csv.hpp"
#include "rows.hpp"

#include <ostream>
#include <vector>

namespace mplane {
namespace {

/// As in JSON: no value is nothing, booleans are lower case.
std::string cell_of(const Value& value) {
  if (!value.has_value()) return {};
  if (const auto* boolean = std::get_if<bool>(&value.alternatives())) {
    return *boolean ? "true" : "false";
  }
  return to_string(value);
}

class CsvRows final : public RowOutput {
 public:
  explicit CsvRows(std::ostream& out) : out_(out) {}

  void begin(const std::vector<Heading>& headings) override {
    std::vector<std::string> cells;
    cells.reserve(headings.size());
    for (const Heading& heading : headings) cells.push_back(heading.name);
    out_ << csv_line(cells);
  }

  void row(const std::vector<Value>& values) override {
    std::vector<std::string> cells;
    cells.reserve(values.size());
    for (const Value& value : values) cells.push_back(cell_of(value));
    out_ << csv_line(cells) << std::flush;
  }

  void finish() override { out_.flush(); }

 private:
  std::ostream& out_;
};

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

std::unique_ptr<RowOutput> make_csv_rows(std::ostream& out) {
  return std::make_unique<CsvRows>(out);
}

}  // namespace mplane
