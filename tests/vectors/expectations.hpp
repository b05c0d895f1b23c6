#pragma once

#include "json.hpp"
#include "vector_kind.hpp"

#include <optional>
#include <string_view>

/// What we expect where the SDK's answer is not it: expectations.json, by kind and name of the
/// case, each with the reason. What is written there is merged into the recorded answer: objects
/// member by member, arrays item by item where the key is an index or "*" for each, anything else
/// replaces.
class Expectations {
 public:
  /// @throws std::runtime_error when the table is not what it should be.
  Expectations();

  /// What is expected of a case, in this order: the table; `by_specification`; of a case without
  /// `sdk_bug` what was recorded. Nothing where a case has only to end without a crash.
  std::optional<Json> of(const Json& vector_case, const VectorKind& kind) const;

 private:
  const Json* find(const Json& vector_case) const;

  Json::Object changes_;  // by "kind: name"
};
