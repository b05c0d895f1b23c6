#include "result_output.hpp"

#include "mplane/tools/text.hpp"

#include <optional>
#include <ostream>
#include <vector>

namespace mplane {
namespace {

/// A row for each row of the results.
class RowResults final : public ResultOutput {
 public:
  RowResults(const Format format, std::ostream& out, const Expectation& expected)
      : table_(format == Format::Table),
        out_(out),
        expected_(expected),
        rows_(make_row_output(format, out, expected.screen)) {}

  void add(const Result& result, const std::string& component) override {
    if (!schema_) begin(result, component);
    std::vector<Value> cells;
    for (std::size_t row = 0; row < result.row_count(); ++row) {
      cells.clear();
      if (expected_.components) cells.emplace_back(component);
      if (expected_.many) cells.emplace_back(mplane::to_string(result.when()));
      for (const Element* element : schema_->columns()) {
        const auto place = result.schema().find_column(element->name());
        cells.push_back(place ? result.columns()[*place].value(row) : Value());
      }
      rows_->row(cells);
    }
  }

  void finish() override {
    if (!schema_) return;
    if (table_) out_ << heading_ << '\n';
    rows_->finish();
  }

 private:
  void begin(const Result& result, const std::string& component) {
    schema_ = result.schema();
    heading_ = heading_of(result, component, expected_);
    std::vector<Heading> headings;
    if (expected_.components) headings.push_back({"component"});
    if (expected_.many) headings.push_back({"when"});
    for (const Element* element : schema_->columns()) {
      headings.push_back({element->name(), element->primitive()});
    }
    rows_->begin(headings);
  }

  const bool table_;
  std::ostream& out_;
  const Expectation expected_;
  const std::unique_ptr<RowOutput> rows_;
  std::optional<Schema> schema_;
  std::string heading_;
};

}  // namespace

std::string heading_of(const Result& result, const std::string& component,
                       const Expectation& expected) {
  TextTable facts({TextTable::Align::Left, TextTable::Align::Left});
  if (!expected.many) facts.add({"  when", mplane::to_string(result.when())});
  const auto elements = result.schema().parameters();
  for (std::size_t i = 0; i < elements.size() && !expected.components; ++i) {
    facts.add({"  " + elements[i]->name(), mplane::to_string(result.value(i))});
  }
  const std::string name = result.label().empty() ? result.token() : result.label();
  if (expected.components) return printable(name) + "\n";
  return printable(name) + " at " + printable(component) + "\n" + facts.to_string();
}

std::unique_ptr<ResultOutput> make_row_results(const Format format, std::ostream& out,
                                               const Expectation& expected) {
  return std::make_unique<RowResults>(format, out, expected);
}

std::unique_ptr<ResultOutput> make_result_output(const Format format, std::ostream& out,
                                                 const Expectation& expected) {
  if (expected.summary) return make_summary(format, out, expected);
  if (format == Format::Json) return make_json_results(out, expected);
  if (format == Format::Prometheus) return make_prometheus_results(out, expected);
  return make_row_results(format, out, expected);
}

}  // namespace mplane
