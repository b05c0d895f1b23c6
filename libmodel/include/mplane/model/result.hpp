#pragma once

#include "mplane/model/column.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/model/statement.hpp"

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mplane {

class Result;

/// One row of a result: a view, valid as long as its result.
class Row {
 public:
  Row(const Result& result, std::size_t index) noexcept : result_(&result), index_(index) {}

  /// The cell of a column, by place or name. @throws Error{Mismatch} for an unknown name.
  Value value(std::size_t column) const;
  Value value(std::string_view column) const;
  bool has_value(std::string_view column) const;
  /// The cell as a C++ type. @throws Error{Mismatch} naming the column, also when it has no value.
  template <typename T>
  T get(std::string_view column) const {
    try {
      return value(column).get<T>();
    } catch (const Error& error) {
      throw error.within(column);
    }
  }
  std::size_t index() const noexcept { return index_; }

 private:
  const Result* result_;
  std::size_t index_;
};

/// The rows of a result, for range-for; a view, valid as long as its result.
class Rows {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Row;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = Row;
    Iterator(const Result& result, std::size_t index) noexcept : result_(&result), index_(index) {}
    Row operator*() const noexcept { return {*result_, index_}; }
    Iterator& operator++() noexcept {
      ++index_;
      return *this;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) noexcept {
      return a.index_ == b.index_;
    }

   private:
    const Result* result_;
    std::size_t index_;
  };

  explicit Rows(const Result& result) noexcept : result_(&result) {}
  Iterator begin() const noexcept { return {*result_, 0}; }
  Iterator end() const noexcept { return {*result_, size()}; }
  std::size_t size() const noexcept;
  bool empty() const noexcept { return size() == 0; }
  /// Only of a row there is.
  Row operator[](std::size_t index) const noexcept { return {*result_, index}; }

 private:
  const Result* result_;
};

/// What a measurement yielded: the values of its parameters as they really were, a definite scope,
/// rows. Made from its specification, so that columns, label and token are the ones asked for; or
/// decoded. A value: steps return *this, so that it is built in one expression. Copies are cheap:
/// they share their contents until one of them changes. One that was moved from can only be
/// assigned to or destroyed.
class Result : public Statement {
 public:
  using Cells = std::initializer_list<std::pair<std::string_view, Value>>;

  /// An empty result for a specification. Until `measured` says otherwise its scope is that of the
  /// specification, which must become definite before the result is sent.
  explicit Result(const Specification& specification);

  // Steps of building it, as lvalue and as temporary.
  /// The scope that really was measured, as a range.
  Result& measured(Instant first, Instant last) &;
  Result&& measured(Instant first, Instant last) && { return std::move(measured(first, last)); }
  Result& measured(const When& when) &;
  Result&& measured(const When& when) && { return std::move(measured(when)); }
  /// What a parameter really was. @throws Error{Mismatch, Invalid, Malformed} naming it.
  Result& parameter(std::string_view element, const Value& value) &;
  Result&& parameter(std::string_view element, const Value& value) && {
    return std::move(parameter(element, value));
  }
  Result& with_metadata(std::string element, Value value) &;
  Result&& with_metadata(std::string element, Value value) && {
    return std::move(with_metadata(std::move(element), std::move(value)));
  }
  /// Adds a row; columns not named have no value. @throws Error{Mismatch} for a name that is no
  /// column, Error{Invalid, Malformed} for a value that does not fit; then nothing was added.
  Result& row(Cells cells) &;
  Result&& row(Cells cells) && { return std::move(row(cells)); }
  /// Adds a row with a value for each column, in their order. @throws Error{Invalid, Malformed}.
  Result& row(const std::vector<Value>& values) &;
  Result&& row(const std::vector<Value>& values) && { return std::move(row(values)); }
  /// Adds the rows of another result of the same schema. @throws Error{Mismatch} for another.
  Result& rows_from(const Result& other) &;
  Result&& rows_from(const Result& other) && { return std::move(rows_from(other)); }
  Result& with_token(std::string token) &;
  Result&& with_token(std::string token) && { return std::move(with_token(std::move(token))); }
  /// Where the next message of the workflow goes.
  Result& with_link(std::optional<std::string> link) &;
  Result&& with_link(std::optional<std::string> link) && {
    return std::move(with_link(std::move(link)));
  }
  /// Where it is exported to.
  Result& with_export(std::optional<std::string> url) &;
  Result&& with_export(std::optional<std::string> url) && {
    return std::move(with_export(std::move(url)));
  }

  /// The rows. They are views of this result: don't call it on a temporary.
  Rows rows() const& noexcept { return Rows(*this); }
  Rows rows() const&& = delete;
  /// The columns, in the order of `schema().columns()`.
  const std::vector<Column>& columns() const noexcept { return *columns_; }
  /// None without columns, however many empty rows were read.
  std::size_t row_count() const noexcept { return columns().empty() ? 0 : columns()[0].size(); }

  friend bool operator==(const Result& a, const Result& b) noexcept;

 private:
  friend struct StatementAccess;  // internal
  template <typename Change>
  void change(const Change& change);
  std::vector<Column>& own_columns();
  Result& add(std::vector<Value> values);
  Result(std::shared_ptr<const detail::StatementData> data, std::vector<Column> columns);

  std::shared_ptr<std::vector<Column>> columns_;  // changed only while nobody shares it
};

}  // namespace mplane
