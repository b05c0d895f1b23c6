#pragma once

#include "mplane/model/error.hpp"
#include "mplane/model/statement.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mplane {

class CapabilityBuilder;
class Specification;
class SpecificationBuilder;

/// What a component can do: a verb, a temporal scope, parameters with constraints, result columns.
/// Made by a builder or decoded. A capability makes its specifications. Immutable.
class Capability : public Statement {
 public:
  static CapabilityBuilder measure(std::string label);
  static CapabilityBuilder query(std::string label);
  static CapabilityBuilder collect(std::string label);
  /// Any verb, also the application's own.
  static CapabilityBuilder of(std::string verb, std::string label);

  /// Narrows this capability to a specification for a scope. Parameters whose constraint admits
  /// one value only are filled in; `build` checks everything else.
  /// @throws Error{Malformed} for a scope outside the grammar.
  SpecificationBuilder specify(std::string_view when) const;
  SpecificationBuilder specify(const When& when) const;

  /// Whether a specification asks for what this offers: verb, schema, scope and every constraint.
  bool accepts(const Specification& specification, Instant now) const noexcept;
  /// Why it does not, naming section, element and value; nothing when it does.
  std::optional<Error> objection(const Specification& specification, Instant now) const;
  /// Whether `other` has the same schema, and each of its constraints lies within this one's.
  bool covers(const Capability& other) const;

  /// Changed copies.
  Capability with_token(std::string token) const;
  Capability with_label(std::string label) const;
  Capability with_link(std::optional<std::string> link) const;
  Capability with_when(const When& when) const;

 private:
  friend struct StatementAccess;  // internal
  explicit Capability(std::shared_ptr<const detail::StatementData> data) noexcept;
};

/// Builds a capability; each step is called on a temporary, `build` ends it and checks everything.
/// In a loop: `builder = std::move(builder).result(name);`.
class CapabilityBuilder {
 public:
  CapabilityBuilder(std::string verb, std::string label);
  ~CapabilityBuilder();
  CapabilityBuilder(const CapabilityBuilder&) = delete;
  CapabilityBuilder& operator=(const CapabilityBuilder&) = delete;
  CapabilityBuilder(CapabilityBuilder&&) noexcept;
  CapabilityBuilder& operator=(CapabilityBuilder&&) noexcept;

  CapabilityBuilder&& when(std::string_view text) &&;
  CapabilityBuilder&& when(const When& when) &&;
  /// A free parameter, or one with a constraint in text form.
  CapabilityBuilder&& parameter(std::string element, std::string constraint = "*") &&;
  CapabilityBuilder&& parameter(std::string element, Constraint constraint) &&;
  CapabilityBuilder&& result(std::string element) &&;
  CapabilityBuilder&& metadata(std::string element, Value value) &&;
  CapabilityBuilder&& link(std::string url) &&;
  /// The URL scheme it can export to.
  CapabilityBuilder&& exports_to(std::string scheme) &&;
  CapabilityBuilder&& token(std::string token) &&;
  /// @throws Error{Invalid, Malformed} naming the element and what is wrong with it.
  Capability build(const Registry& registry) &&;

 private:
  struct Draft;
  std::unique_ptr<Draft> draft_;
};

}  // namespace mplane
