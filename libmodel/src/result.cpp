#include "mplane/model/result.hpp"

#include "mplane/model/error.hpp"
#include "statement_data.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <utility>

namespace mplane {
namespace {

using detail::StatementData;

std::shared_ptr<StatementData> result_of(const Specification& specification) {
  auto data = std::make_shared<StatementData>(specification.data());
  data->kind = detail::Kind::Result;
  if (!data->token) data->token = specification.token();
  data->link.reset();
  data->export_url.reset();
  data->constraints.clear();
  return data;
}

/// Whether no other result shares it, so that it can be changed where it is.
template <typename T>
bool is_sole_owner(const std::shared_ptr<T>& shared) noexcept {
  if (shared.use_count() != 1) return false;
  std::atomic_thread_fence(std::memory_order_acquire);  // after all that others read of it
  return true;
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
    : Statement(result_of(specification)),
      columns_(std::make_shared<std::vector<Column>>(columns_for(schema()))) {}

Result::Result(std::shared_ptr<const StatementData> data, std::vector<Column> columns)
    : Statement(std::move(data)),
      columns_(std::make_shared<std::vector<Column>>(std::move(columns))) {}

template <typename Change>
void Result::change(const Change& change) {
  if (is_sole_owner(data_)) {
    change(const_cast<StatementData&>(*data_));  // it was made as something that changes
    return;
  }
  auto data = std::make_shared<StatementData>(*data_);
  change(*data);
  data_ = std::move(data);
}

std::vector<Column>& Result::own_columns() {
  if (!is_sole_owner(columns_)) columns_ = std::make_shared<std::vector<Column>>(*columns_);
  return *columns_;
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
  std::vector<Value> values(columns().size());
  for (const auto& [name, value] : cells) values[schema().column(name)] = value;
  return add(std::move(values));
}

Result& Result::row(const std::vector<Value>& values) & {
  if (values.size() != columns().size()) {
    throw Error(ErrorKind::Invalid, "resultvalues",
                std::to_string(values.size()) + " values for " + std::to_string(columns().size()) +
                    " columns");
  }
  return add(values);
}

Result& Result::add(std::vector<Value> values) {
  // All first: a row is added whole or not at all.
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = detail::value_for("resultvalues", *schema().columns()[i], values[i]);
  }
  std::vector<Column>& columns = own_columns();
  for (std::size_t i = 0; i < values.size(); ++i) columns[i].push(values[i]);
  return *this;
}

Result& Result::rows_from(const Result& other) & {
  if (schema() != other.schema()) {
    throw Error(ErrorKind::Mismatch, "results", "the other result has another schema");
  }
  const std::shared_ptr<const std::vector<Column>> theirs = other.columns_;  // it may be this one
  const std::size_t rows = other.row_count();
  std::vector<Column>& ours = own_columns();
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const Column& column = (*theirs)[other.schema().column(schema().columns()[i]->name())];
    ours[i].reserve(ours[i].size() + rows);
    for (std::size_t row = 0; row < rows; ++row) ours[i].push(column.value(row));
  }
  return *this;
}

bool operator==(const Result& a, const Result& b) noexcept {
  if (static_cast<const Statement&>(a) != static_cast<const Statement&>(b)) return false;
  const auto names = a.schema().columns();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto place = b.schema().find_column(names[i]->name());
    if (!place || a.columns()[i] != b.columns()[*place]) return false;
  }
  return true;
}

}  // namespace mplane
