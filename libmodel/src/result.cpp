#include "mplane/model/result.hpp"

#include "mplane/model/error.hpp"
#include "statement_data.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace mplane {
namespace {

using detail::StatementData;

std::shared_ptr<StatementData> result_of(const Specification& specification) {
  auto data = std::make_shared<StatementData>(specification.data());
  data->kind = detail::Kind::Result;
  data->token = specification.token();
  data->link.reset();
  data->export_url.reset();
  data->constraints.clear();
  return data;
}

std::vector<Column> columns_for(const Schema& schema) {
  std::vector<Column> columns;
  columns.reserve(schema.columns().size());
  for (const Element* element : schema.columns()) columns.emplace_back(element->primitive());
  return columns;
}

}  // namespace

Value Row::value(const std::size_t column) const {
  return result_->columns()[column].value(index_);
}

Value Row::value(const std::string_view column) const {
  return value(result_->schema().column(column));
}

bool Row::has_value(const std::string_view column) const {
  return result_->columns()[result_->schema().column(column)].has_value(index_);
}

std::size_t Rows::size() const noexcept { return result_->row_count(); }

Result::Result(const Specification& specification)
    : Statement(result_of(specification)), columns_(columns_for(schema())) {}

Result::Result(std::shared_ptr<const StatementData> data, std::vector<Column> columns) noexcept
    : Statement(std::move(data)), columns_(std::move(columns)) {}

template <typename Change>
void Result::change(const Change& change) {
  auto data = std::make_shared<StatementData>(*data_);
  change(*data);
  data_ = std::move(data);
}

Result& Result::measured(const Instant first, const Instant last) & {
  return measured(When::between(first, last));
}

Result& Result::measured(const When& when) & {
  change([&](StatementData& data) { data.when = when; });
  return *this;
}

Result& Result::parameter(const std::string_view element, const Value& value) & {
  const std::size_t place = schema().parameter(element);
  Value fitting = detail::value_for("parameters", *schema().parameters()[place], value);
  change([&](StatementData& data) { data.values[place] = std::move(fitting); });
  return *this;
}

Result& Result::with_metadata(std::string element, Value value) & {
  change([&](StatementData& data) { detail::set_metadata(data, element, value); });
  return *this;
}

Result& Result::with_token(std::string token) & {
  change([&](StatementData& data) { data.token = std::move(token); });
  return *this;
}

Result& Result::with_link(std::optional<std::string> link) & {
  change([&](StatementData& data) { data.link = std::move(link); });
  return *this;
}

Result& Result::with_export(std::optional<std::string> url) & {
  change([&](StatementData& data) { data.export_url = std::move(url); });
  return *this;
}

Result& Result::row(const Cells cells) & {
  std::vector<Value> values(columns_.size());
  for (const auto& [name, value] : cells) values[schema().column(name)] = value;
  return row(values);
}

Result& Result::row(const std::vector<Value>& values) & {
  if (values.size() != columns_.size()) {
    throw Error(ErrorKind::Invalid, "resultvalues",
                std::to_string(values.size()) + " values for " + std::to_string(columns_.size()) +
                    " columns");
  }
  std::vector<Value> fitting;  // all of them first: a row is added whole or not at all
  fitting.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    fitting.push_back(detail::value_for("resultvalues", *schema().columns()[i], values[i]));
  }
  for (std::size_t i = 0; i < fitting.size(); ++i) columns_[i].push(fitting[i]);
  return *this;
}

Result& Result::rows_from(const Result& other) & {
  if (schema() != other.schema()) {
    throw Error(ErrorKind::Mismatch, "results", "the other result has another schema");
  }
  const std::size_t rows = other.row_count();  // it may be this one
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::size_t place = other.schema().column(schema().columns()[i]->name());
    columns_[i].reserve(columns_[i].size() + rows);
    for (std::size_t row = 0; row < rows; ++row) columns_[i].push(other.columns_[place].value(row));
  }
  return *this;
}

bool operator==(const Result& a, const Result& b) noexcept {
  if (static_cast<const Statement&>(a) != static_cast<const Statement&>(b)) return false;
  const auto names = a.schema().columns();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto place = b.schema().find_column(names[i]->name());
    if (!place || a.columns_[i] != b.columns_[*place]) return false;
  }
  return true;
}

}  // namespace mplane
