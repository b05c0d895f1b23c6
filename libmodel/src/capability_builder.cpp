#include "mplane/model/capability.hpp"
#include "mplane/model/quoted.hpp"
#include "statement_data.hpp"

#include <string>
#include <utility>

namespace mplane {
namespace {

// A constraint that was handed over as values, as one of the parameter's primitive.
Constraint fitting(const Primitive primitive, const Constraint& constraint) {
  if (constraint.is_any()) return constraint;
  std::vector<Value> values;
  for (const Value& value : constraint.values()) values.push_back(value.as(primitive));
  if (constraint.kind() == Constraint::Kind::Set) return Constraint::one_of(std::move(values));
  return Constraint::range(values.front(), values.back());
}

Constraint constraint_for(const Element& element,
                          const std::variant<std::string, Constraint>& given) {
  const Primitive primitive = element.primitive();
  try {
    if (const auto* text = std::get_if<std::string>(&given)) {
      return Constraint::parse(primitive, *text);
    }
    return fitting(primitive, std::get<Constraint>(given));
  } catch (const Error& error) {
    throw error.within(detail::pointer("parameters", element.name()));
  }
}

When when_for(const std::variant<std::string, When>& given) {
  const auto* text = std::get_if<std::string>(&given);
  if (text == nullptr) return std::get<When>(given);
  try {
    return When::parse(*text);
  } catch (const Error& error) {
    throw error.within("when");
  }
}

}  // namespace

CapabilityBuilder Capability::measure(std::string label) { return of("measure", std::move(label)); }

CapabilityBuilder Capability::query(std::string label) { return of("query", std::move(label)); }

CapabilityBuilder Capability::collect(std::string label) { return of("collect", std::move(label)); }

CapabilityBuilder Capability::of(std::string verb, std::string label) {
  return CapabilityBuilder(std::move(verb), std::move(label));
}

CapabilityBuilder::CapabilityBuilder(std::string verb, std::string label)
    : verb_(std::move(verb)), label_(std::move(label)) {}

CapabilityBuilder&& CapabilityBuilder::when(const std::string_view text) && {
  when_ = std::string(text);
  return std::move(*this);
}

CapabilityBuilder&& CapabilityBuilder::when(When when) && {
  when_ = std::move(when);
  return std::move(*this);
}

CapabilityBuilder&& CapabilityBuilder::parameter(std::string element, std::string constraint) && {
  parameters_.push_back({std::move(element), std::move(constraint)});
  return std::move(*this);
}

CapabilityBuilder&& CapabilityBuilder::parameter(std::string element, Constraint constraint) && {
  parameters_.push_back({std::move(element), std::move(constraint)});
  return std::move(*this);
}

CapabilityBuilder&& CapabilityBuilder::result(std::string element) && {
  columns_.push_back(std::move(element));
  return std::move(*this);
}

CapabilityBuilder&& CapabilityBuilder::metadata(std::string element, Value value) && {
  metadata_.emplace_back(std::move(element), std::move(value));
  return std::move(*this);
}

CapabilityBuilder&& CapabilityBuilder::link(std::string url) && {
  link_ = std::move(url);
  return std::move(*this);
}

CapabilityBuilder&& CapabilityBuilder::exports_to(std::string scheme) && {
  export_ = std::move(scheme);
  return std::move(*this);
}

CapabilityBuilder&& CapabilityBuilder::token(std::string token) && {
  token_ = std::move(token);
  return std::move(*this);
}

Capability CapabilityBuilder::build(const Registry& registry) && {
  if (verb_.empty()) throw Error(ErrorKind::Invalid, "capability", "the verb is empty");
  std::vector<std::string> names;
  for (const Parameter& parameter : parameters_) names.push_back(parameter.element);
  auto data = std::make_shared<detail::StatementData>(detail::Kind::Capability, std::move(verb_),
                                                      Schema(registry, names, columns_));
  const auto elements = data->schema.parameters();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    data->constraints.push_back(constraint_for(*elements[i], parameters_[i].constraint));
  }
  data->when = when_for(when_);
  for (const auto& [name, value] : metadata_) detail::set_metadata(*data, name, value);
  if (!label_.empty()) data->relabel(std::move(label_));
  data->link = std::move(link_);
  data->export_url = std::move(export_);
  data->token = std::move(token_);
  return StatementAccess::make<Capability>(std::move(data));
}

}  // namespace mplane
