#include "result_table.hpp"

#include "mplane/model/time.hpp"
#include "mplane/model/value.hpp"

#include <ostream>

namespace mplane {

TextTable ResultTable::empty() {
  return TextTable(std::vector<TextTable::Align>(5, TextTable::Align::Left));
}

void ResultTable::add(const KeptResult& kept, const Result& result) {
  std::string parameters;
  const auto all = result.schema().parameters();
  for (std::size_t i = 0; i < all.size(); ++i) {
    parameters += (i == 0 ? "" : " ") + all[i]->name() + "=" + to_string(result.value(i));
  }
  const auto columns = result.schema().columns();
  for (const Row row : result.rows()) {
    std::string values;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      values += (i == 0 ? "" : " ") + columns[i]->name() + "=" + to_string(row.value(i));
    }
    line({to_string(Time(kept.begin), Precision::Seconds), kept.component, kept.label, parameters,
          values});
  }
}

void ResultTable::line(const std::vector<std::string>& cells) {
  if (!has_begun_) page_.add({"BEGIN", "COMPONENT", "LABEL", "PARAMETERS", "RESULTS"});
  has_begun_ = true;
  page_.add(cells);
  if (page_.row_count() >= kPage) flush();
}

void ResultTable::flush() {
  out_ << page_.to_string();
  page_ = empty();
}

void ResultTable::finish() {
  if (page_.row_count() > 0) flush();
}

}  // namespace mplane
