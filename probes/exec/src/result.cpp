#include "mplane/probes/exec/result.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "row_reader.hpp"

#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mplane {
namespace {

std::string_view trimmed(const std::string_view text) noexcept {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Rounded, where the element is natural.
Value scaled(const Primitive primitive, const std::string_view text, const double factor) {
  const double real = Value::parse(Primitive::Real, text).get<double>() * factor;
  return primitive == Primitive::Natural ? Value(std::round(real)).as(Primitive::Natural)
                                         : Value(real);
}

Value value_of(const Primitive primitive, const std::string_view text,
               const std::optional<double> factor) {
  if (primitive == Primitive::String) return text.empty() ? Value() : Value::parse(primitive, text);
  const std::string_view bare = trimmed(text);
  if (bare.empty() || bare == "*") return {};
  return factor ? scaled(primitive, bare, *factor) : Value::parse(primitive, bare);
}

void check(const ExecColumn& column, const Schema& schema) {
  const std::string where = "results/" + column.element;
  const Element& element = schema.registry().element(column.element);
  const bool number =
      element.primitive() == Primitive::Natural || element.primitive() == Primitive::Real;
  if (column.factor && !number) {
    throw Error(ErrorKind::Configuration, where, "only numbers can be multiplied");
  }
  if (column.source.empty()) throw Error(ErrorKind::Configuration, where, "has no source");
}

}  // namespace

OutputReader::OutputReader(const ExecSettings& settings, const Schema& schema)
    : columns_(settings.results), reader_(detail::make_row_reader(settings)) {
  for (const ExecColumn& column : columns_) check(column, schema);
}

OutputReader::~OutputReader() = default;

void OutputReader::read(const std::string_view output, const bool cut, Result& result) const {
  std::vector<std::size_t> places;  // of our columns in the result's
  for (const ExecColumn& column : columns_) {
    places.push_back(result.schema().column(column.element));
  }
  std::vector<Value> values(result.schema().columns().size());
  reader_->read(output, cut, [&](const detail::TextRow& row, const std::size_t number) {
    bool any = false;
    for (std::size_t n = 0; n < columns_.size(); ++n) {
      Value& value = values[places[n]];
      value = {};
      if (!row[n]) continue;
      try {
        value = value_of(result.schema().columns()[places[n]]->primitive(), *row[n],
                         columns_[n].factor);
      } catch (const Error& error) {
        throw Error(ErrorKind::Failed, "",
                    std::string(reader_->unit()) + " " + std::to_string(number) +
                        " of the output, '" + columns_[n].element + "': " + error.message());
      }
      any = any || value.has_value();
    }
    if (any) result.row(values);
  });
}

}  // namespace mplane
