// Rows as CSV (RFC 4180, lines end in a line feed): a header, then a line a row.

#include "mplane/tools/csv.hpp"
#include "rows.hpp"

#include <ostream>
#include <vector>

namespace mplane {
namespace {

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
    for (const Value& value : values) cells.push_back(csv_cell(value));
    out_ << csv_line(cells) << std::flush;
  }

  void finish() override { out_.flush(); }

 private:
  std::ostream& out_;
};

}  // namespace

std::unique_ptr<RowOutput> make_csv_rows(std::ostream& out) {
  return std::make_unique<CsvRows>(out);
}

}  // namespace mplane
