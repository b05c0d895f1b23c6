// Rows as a table, for people.

#include "mplane/tools/text.hpp"
#include "rows.hpp"

#include <optional>
#include <ostream>

namespace mplane {
namespace {

class TableRows final : public RowOutput {
 public:
  TableRows(std::ostream& out, const Screen& screen) : out_(out), screen_(screen) {}

  void begin(const std::vector<Heading>& headings) override {
    std::vector<TextTable::Align> align;
    std::vector<std::string> names;
    for (const Heading& heading : headings) {
      align.push_back(align_of(heading.primitive));
      names.push_back(heading.name);
    }
    table_.emplace(align);
    table_->add(names);
  }

  void row(const std::vector<Value>& values) override {
    std::vector<std::string> cells;
    cells.reserve(values.size());
    for (const Value& value : values) cells.push_back(mplane::to_string(value));
    table_->add(cells);
  }

  void finish() override {
    if (!table_) return;
    const bool fits = screen_.width == 0 || table_->width() <= screen_.width;
    std::string text = fits ? table_->to_string() : table_->to_records();
    if (fits && screen_.colour) {
      constexpr std::string_view kBold = "\x1b[1m";
      text.insert(text.find('\n'), "\x1b[0m");
      text.insert(0, kBold);
    }
    out_ << text;
    if (table_->row_count() == 1) out_ << "(no rows)\n";
    out_.flush();
  }

 private:
  std::ostream& out_;
  const Screen screen_;
  std::optional<TextTable> table_;
};

}  // namespace

std::unique_ptr<RowOutput> make_table_rows(std::ostream& out, const Screen& screen) {
  return std::make_unique<TableRows>(out, screen);
}

}  // namespace mplane
