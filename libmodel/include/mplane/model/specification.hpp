#pragma once

#include "mplane/model/capability.hpp"
#include "mplane/model/statement.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mplane {

/// What a client wants done: a capability narrowed to one scope and one value for each parameter.
/// Made by `Capability::specify` or decoded. Immutable.
class Specification : public Statement {
 public:
  /// Whether the scope has to be resolved against a now, so that the same text asked again is
  /// another measurement.
  bool is_relative() const noexcept { return !when().is_definite(); }

  /// The specification of one run of a repeated one: its inner scope, started at that instant.
  /// Its token is the parent's with the start appended, unique to the run.
  Specification run_at(Instant start) const;

  /// Changed copies.
  Specification with_token(std::string token) const;
  /// With a token of its own, different at each call: hex MD5 over the statement, the interval
  /// seen from `now` and `nonce`. For relative scopes, which mean something new each time.
  Specification with_fresh_token(Instant now, std::uint64_t nonce) const;
  Specification with_label(std::string label) const;
  Specification with_link(std::optional<std::string> link) const;
  Specification with_when(const When& when) const;
  Specification with_metadata(std::string element, Value value) const;

 private:
  friend struct StatementAccess;  // internal
  explicit Specification(std::shared_ptr<const detail::StatementData> data) noexcept;
};

/// Builds a specification from a capability; steps on a temporary, `build` ends it.
/// In a loop: `builder = std::move(builder).set(name, value);`.
class SpecificationBuilder {
 public:
  SpecificationBuilder(const Capability& capability, const When& when);
  ~SpecificationBuilder();
  SpecificationBuilder(const SpecificationBuilder&) = delete;
  SpecificationBuilder& operator=(const SpecificationBuilder&) = delete;
  SpecificationBuilder(SpecificationBuilder&&) noexcept;
  SpecificationBuilder& operator=(SpecificationBuilder&&) noexcept;

  /// Chooses a parameter's value; text is parsed by its primitive, a natural may stand for a real.
  /// @throws Error{Mismatch} for an unknown parameter, Error{Invalid, Malformed} for a value
  /// outside its constraint, naming `parameters/<element>` and the value.
  SpecificationBuilder&& set(std::string_view element, const Value& value) &&;
  SpecificationBuilder&& label(std::string label) &&;
  SpecificationBuilder&& token(std::string token) &&;
  SpecificationBuilder&& link(std::string url) &&;
  SpecificationBuilder&& export_to(std::string url) &&;
  SpecificationBuilder&& metadata(const std::string& element, const Value& value) &&;
  /// @throws Error{Invalid} naming every parameter without a value, or the scope when it does not
  /// follow the capability's. Without a `now` a definite scope is judged as seen from its start.
  Specification build() &&;
  Specification build(Instant now) &&;

 private:
  struct Draft;
  std::unique_ptr<Draft> draft_;
};

}  // namespace mplane
