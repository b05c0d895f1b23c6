// Results as tables, for people.

#include "result_output.hpp"
#include "text.hpp"

#include <optional>
#include <ostream>
#include <vector>

namespace mplane {
namespace {

/// "ping-average-ip4 at org.example.component.demo", when it was and what it was asked; of many
/// runs the rows say when.
std::string heading_of(const Result& result, const std::string& component, const bool many) {
  TextTable parameters({TextTable::Align::Left, TextTable::Align::Left});
  if (!many) parameters.add({"  when", mplane::to_string(result.when())});
  const auto elements = result.schema().parameters();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    parameters.add({"  " + elements[i]->name(), mplane::to_string(result.value(i))});
  }
  const std::string name = result.label().empty() ? result.token() : result.label();
  return printable(name) + " at " + printable(component) + "\n" + parameters.to_string();
}

class TableOutput final : public ResultOutput {
 public:
  TableOutput(std::ostream& out, const Expectation& expected) : out_(out), expected_(expected) {}

  void add(const Result& result, const std::string& component) override {
    if (!table_) begin(result, component);
    const auto& columns = result.columns();
    for (std::size_t row = 0; row < result.row_count(); ++row) {
      std::vector<std::string> cells;
      if (expected_.many) cells.push_back(mplane::to_string(result.when()));
      for (const Column& column : columns) cells.push_back(mplane::to_string(column.value(row)));
      table_->add(cells);
    }
  }

  void finish() override {
    if (!table_) return;
    const bool fits = expected_.width == 0 || table_->width() <= expected_.width;
    out_ << heading_ << '\n' << (fits ? table_->to_string() : table_->to_records());
    if (table_->row_count() == 1) out_ << "(no rows)\n";
    out_.flush();
  }

 private:
  void begin(const Result& result, const std::string& component) {
    heading_ = heading_of(result, component, expected_.many);
    std::vector<TextTable::Align> align;
    std::vector<std::string> names;
    if (expected_.many) {
      align.push_back(TextTable::Align::Left);
      names.emplace_back("when");
    }
    for (const Element* element : result.schema().columns()) {
      align.push_back(align_of(element->primitive()));
      names.push_back(element->name());
    }
    table_.emplace(align);
    table_->add(names);
  }

  std::ostream& out_;
  const Expectation expected_;
  std::string heading_;
  std::optional<TextTable> table_;
};

}  // namespace

std::unique_ptr<ResultOutput> make_table_output(std::ostream& out, const Expectation& expected) {
  return std::make_unique<TableOutput>(out, expected);
}

}  // namespace mplane
