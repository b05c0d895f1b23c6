#pragma once

#include "mplane/model/constraint.hpp"
#include "mplane/model/result.hpp"
#include "mplane/model/schema.hpp"
#include "mplane/model/statement.hpp"
#include "section.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mplane {
namespace detail {

/// Whether its parameters are constraints rather than values.
constexpr bool is_offer(const Kind kind) noexcept {
  return kind == Kind::Capability || kind == Kind::Withdrawal;
}

/// The sections of a statement or notification. Filled by its maker, then shared and never changed.
struct StatementData {
  StatementData(Kind its_kind, std::string its_verb, Schema its_schema)
      : kind(its_kind), verb(std::move(its_verb)), schema(std::move(its_schema)) {}

  Kind kind;
  bool token_only = false;  // of a notification: nothing but its token (and label) was given
  bool has_label = false;   // an empty label is written, none is not
  std::string verb;
  std::string label;
  std::optional<std::string> token;
  std::optional<std::string> link;
  std::optional<std::string> export_url;
  When when;
  Schema schema;
  Metadata metadata;                    // in order of name
  std::vector<Constraint> constraints;  // in order of the schema; empty where all are "*"
  std::vector<Value> values;            // in order of the schema; empty where there are none
  Constraint any;                       // what accessors return where a list is empty
  Value no_value;

  void relabel(std::string text) {
    label = std::move(text);
    has_label = true;
  }
};

using SharedData = std::shared_ptr<const StatementData>;

/// Puts a value into metadata, in its place. @throws Error{Invalid, Malformed} naming the element.
void set_metadata(StatementData& data, const std::string& name, const Value& value);

/// `value` as one of that element. @throws Error{Invalid, Malformed} at "<section>/<name>".
Value value_for(std::string_view section, const Element& element, const Value& value);

/// A JSON pointer to the member `name` of a section.
std::string pointer(std::string_view section, std::string_view name);

}  // namespace detail

/// Makes messages from their sections: the constructors that users don't see.
struct StatementAccess {
  template <typename T>
  static T make(detail::SharedData data) {
    return T(std::move(data));
  }
  static Result make_result(detail::SharedData data, std::vector<Column> columns) {
    return Result(std::move(data), std::move(columns));
  }
};

/// Makes schemas from elements that were looked up already.
struct SchemaAccess {
  /// The first `parameters` elements are parameters, the rest columns.
  /// @throws Error{Invalid} when one is named twice in a section.
  static Schema make(Registry registry, std::vector<const Element*> elements,
                     std::size_t parameters);
  /// The parameters in the order of their names, as all hashes take them.
  static std::span<const Element* const> parameters_by_name(const Schema& schema) noexcept;
  /// The names in that order, joined by single spaces.
  static std::string_view parameter_names(const Schema& schema) noexcept;
  static std::string_view column_names(const Schema& schema) noexcept;
};

}  // namespace mplane
