#include "mplane/model/capability.hpp"

#include "matching.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/model/specification.hpp"
#include "statement_data.hpp"

#include <string>
#include <utility>

namespace mplane {
namespace {

using detail::StatementData;

// What of a specification a capability does not accept; of a value or constraint also which.
struct Mismatch {
  enum class What { Verb, Schema, Missing, Value, Scope };
  What what;
  std::size_t parameter = 0;  // in the order of the capability
};

// The place in `schema` of the parameter that another has as number `i`. The same order and the
// same registry are the common case.
std::size_t place_in(const Schema& schema, const Element& parameter, const std::size_t i) noexcept {
  if (schema.parameters()[i] == &parameter) return i;
  return schema.find_parameter(parameter.name()).value_or(i);
}

// Of schemas that are equal.
std::optional<Mismatch> compare_values(const StatementData& capability,
                                       const StatementData& specification) noexcept {
  const auto parameters = capability.schema.parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const std::size_t place = place_in(specification.schema, *parameters[i], i);
    const Value& value = specification.values[place];
    if (!value.has_value()) return Mismatch{Mismatch::What::Missing, i};
    if (!capability.constraints[i].admits(value)) return Mismatch{Mismatch::What::Value, i};
  }
  return std::nullopt;
}

std::optional<Mismatch> compare_fit(const StatementData& capability,
                                    const StatementData& specification,
                                    const Instant now) noexcept {
  if (const auto mismatch = compare_values(capability, specification)) return mismatch;
  if (!specification.when.follows(capability.when, now)) return Mismatch{Mismatch::What::Scope};
  return std::nullopt;
}

std::optional<Mismatch> compare(const StatementData& capability, const StatementData& specification,
                                const Instant now) noexcept {
  if (capability.verb != specification.verb) return Mismatch{Mismatch::What::Verb};
  if (capability.schema != specification.schema) return Mismatch{Mismatch::What::Schema};
  return compare_fit(capability, specification, now);
}

std::string names(const std::span<const Element* const> elements) {
  std::string text;
  for (const Element* element : elements) text += (text.empty() ? "" : ", ") + element->name();
  return text.empty() ? "none" : text;
}

Error wrong_schema(const Capability& capability, const Specification& specification) {
  const Schema& offered = capability.schema();
  if (offered.registry().uri() != specification.registry().uri()) {
    return {ErrorKind::Invalid, "registry",
            quoted(specification.registry().uri()) + " is not " + quoted(offered.registry().uri())};
  }
  if (SchemaAccess::parameter_names(offered) !=
      SchemaAccess::parameter_names(specification.schema())) {
    return {ErrorKind::Invalid, "parameters", "have to be " + names(offered.parameters())};
  }
  return {ErrorKind::Invalid, "results", "have to be " + names(offered.columns())};
}

Error wrong_value(const Capability& capability, const Specification& specification,
                  const Mismatch& mismatch) {
  const Element& element = *capability.schema().parameters()[mismatch.parameter];
  const std::string where = detail::pointer("parameters", element.name());
  if (mismatch.what == Mismatch::What::Missing) {
    return {ErrorKind::Invalid, where, "has no value"};
  }
  const Value& value = specification.value(element.name());
  return {ErrorKind::Invalid, where,
          quoted(to_string(value)) + " is not within " +
              quoted(to_string(capability.constraint(mismatch.parameter)))};
}

Error describe(const Capability& capability, const Specification& specification,
               const Mismatch& mismatch) {
  switch (mismatch.what) {
    case Mismatch::What::Verb:
      return {ErrorKind::Invalid, "specification",
              quoted(specification.verb()) + " is not " + quoted(capability.verb())};
    case Mismatch::What::Schema:
      return wrong_schema(capability, specification);
    case Mismatch::What::Missing:
    case Mismatch::What::Value:
      return wrong_value(capability, specification, mismatch);
    case Mismatch::What::Scope:
      break;
  }
  return {ErrorKind::Invalid, "when",
          quoted(to_string(specification.when())) + " does not follow " +
              quoted(to_string(capability.when()))};
}

template <typename Change>
Capability changed(const Capability& capability, const Change& change) {
  auto data = std::make_shared<StatementData>(capability.data());
  change(*data);
  return StatementAccess::make<Capability>(std::move(data));
}

}  // namespace

bool detail::fits(const Capability& capability, const Specification& specification,
                  const Instant now) noexcept {
  return !compare_fit(capability.data(), specification.data(), now);
}

Capability::Capability(std::shared_ptr<const StatementData> data) noexcept
    : Statement(std::move(data)) {}

SpecificationBuilder Capability::specify(const std::string_view when) const {
  return specify(When::parse(when));
}

SpecificationBuilder Capability::specify(const When& when) const {
  return SpecificationBuilder(*this, when);
}

bool Capability::accepts(const Specification& specification, const Instant now) const noexcept {
  return !compare(data(), specification.data(), now);
}

std::optional<Error> Capability::objection(const Specification& specification,
                                           const Instant now) const {
  const auto mismatch = compare(data(), specification.data(), now);
  if (!mismatch) return std::nullopt;
  return describe(*this, specification, *mismatch);
}

bool Capability::covers(const Capability& other) const {
  if (schema() != other.schema()) return false;
  const auto parameters = schema().parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (!constraint(i).contains(other.constraint(place_in(other.schema(), *parameters[i], i))))
      return false;
  }
  return true;
}

Capability Capability::with_token(std::string token) const {
  return changed(*this, [&](StatementData& data) { data.token = std::move(token); });
}

Capability Capability::with_label(std::string label) const {
  return changed(*this, [&](StatementData& data) { data.relabel(std::move(label)); });
}

Capability Capability::with_link(std::optional<std::string> link) const {
  return changed(*this, [&](StatementData& data) { data.link = std::move(link); });
}

Capability Capability::with_when(const When& when) const {
  return changed(*this, [&](StatementData& data) { data.when = when; });
}

}  // namespace mplane
