// Results as CSV (RFC 4180, lines end in a line feed): a header, then a line a row.

#include "csv.hpp"
#include "result_output.hpp"

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

class CsvOutput final : public ResultOutput {
 public:
  explicit CsvOutput(std::ostream& out) : out_(out) {}

  void add(const Result& result, const std::string&) override {
    std::vector<std::string> cells;
    if (!begun_) {
      for (const Element* element : result.schema().columns()) cells.push_back(element->name());
      out_ << csv_line(cells);
      begun_ = true;
    }
    for (std::size_t row = 0; row < result.row_count(); ++row) {
      cells.clear();
      for (const Column& column : result.columns()) cells.push_back(cell_of(column.value(row)));
      out_ << csv_line(cells);
    }
    out_.flush();
  }

  void finish() override {}

 private:
  std::ostream& out_;
  bool begun_ = false;
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

std::unique_ptr<ResultOutput> make_csv_output(std::ostream& out) {
  return std::make_unique<CsvOutput>(out);
}

}  // namespace mplane
