// Comma-separated values (RFC 4180), with whatever separator:
//
//     record = field *( separator field ) line-end
//     field  = '"' *( character | '""' ) '"'  |  *( character but separator, quote, line-end )
//
// A quote inside an unquoted field stands for itself. Empty lines are passed over.

#include "mplane/model/error.hpp"
#include "mplane/model/near_miss.hpp"
#include "mplane/model/quoted.hpp"
#include "row_reader.hpp"

#include <algorithm>
#include <charconv>

namespace mplane::detail {
namespace {

using Record = std::vector<std::string>;

/// Reads records from left to right.
class CsvScanner {
 public:
  CsvScanner(const std::string_view text, const char separator)
      : text_(text), separator_(separator) {}

  /// Whether there was another record. @throws Error{Failed} for a quote that is not closed.
  bool next(Record& record) {
    while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
    if (at_ == text_.size()) return false;
    ++number_;
    record.clear();
    do {
      record.push_back(at_ < text_.size() && text_[at_] == '"' ? quoted_field() : plain_field());
    } while (skip_separator());
    return true;
  }

  std::size_t number() const noexcept { return number_; }
  bool at_end() const noexcept { return at_ == text_.size(); }

 private:
  std::string plain_field() {
    const char ends[] = {separator_, '\n', '\r'};
    const std::size_t end = std::min(text_.find_first_of({ends, sizeof ends}, at_), text_.size());
    std::string field(text_.substr(at_, end - at_));
    at_ = end;
    return field;
  }

  std::string quoted_field() {
    std::string field;
    for (++at_;;) {
      const std::size_t quote = text_.find('"', at_);
      if (quote == std::string_view::npos) {
        at_ = text_.size();
        throw Error(ErrorKind::Failed, "",
                    "record " + std::to_string(number_) + " of the output has an open quote");
      }
      field += text_.substr(at_, quote - at_);
      at_ = quote + 1;
      if (at_ == text_.size() || text_[at_] != '"') return field + plain_field();
      field += '"';
      ++at_;
    }
  }

  bool skip_separator() {
    if (at_ == text_.size() || text_[at_] != separator_) return false;
    ++at_;
    return true;
  }

  const std::string_view text_;
  const char separator_;
  std::size_t at_ = 0;
  std::size_t number_ = 0;
};

std::size_t place_by_number(const ExecColumn& column) {
  const std::string& text = column.source;
  std::size_t place = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), place);
  if (error != std::errc{} || end != text.data() + text.size() || place == 0) {
    throw Error(ErrorKind::Configuration, "results/" + column.element,
                quoted(text) + " is no column number; without a header columns are counted from 1");
  }
  return place - 1;
}

std::size_t place_by_name(const ExecColumn& column, const Record& header) {
  const auto found = std::find(header.begin(), header.end(), column.source);
  if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
  NearMiss guess(column.source);
  for (const std::string& name : header) guess.consider(name);
  throw Error(ErrorKind::Failed, "",
              "the output has no column " + quoted(column.source) + guess.hint());
}

class CsvRows final : public RowReader {
 public:
  explicit CsvRows(const ExecSettings& settings)
      : columns_(settings.results), separator_(settings.separator), header_(settings.header) {
    if (header_) return;
    for (const ExecColumn& column : columns_) places_.push_back(place_by_number(column));
  }

  std::string_view unit() const noexcept override { return "record"; }

  void read(std::string_view text, const bool cut, const TakeRow& take) const override {
    if (cut) text = text.substr(0, text.rfind('\n') + 1);
    CsvScanner scanner(text, separator_);
    try {
      read_all(scanner, take);
    } catch (const Error&) {
      if (!cut || !scanner.at_end()) throw;
    }
  }

 private:
  void read_all(CsvScanner& scanner, const TakeRow& take) const {
    Record record;
    std::vector<std::size_t> places = places_;
    if (header_ && scanner.next(record)) {
      for (const ExecColumn& column : columns_) places.push_back(place_by_name(column, record));
    }
    while (scanner.next(record)) {
      TextRow row(places.size());
      for (std::size_t column = 0; column < row.size(); ++column) {
        if (places[column] < record.size()) row[column] = record[places[column]];
      }
      take(row, scanner.number());
    }
  }

  const std::vector<ExecColumn> columns_;
  const char separator_;
  const bool header_;
  std::vector<std::size_t> places_;
};

}  // namespace

std::unique_ptr<const RowReader> make_csv_reader(const ExecSettings& settings) {
  return std::make_unique<CsvRows>(settings);
}

}  // namespace mplane::detail
