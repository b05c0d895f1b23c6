#include "mplane/model/capability.hpp"
#include "mplane/model/quoted.hpp"
#include "statement_data.hpp"

#include <string>
#include <utility>

namespace mplane {

struct CapabilityBuilder::Draft {
  struct Parameter {
    std::string element;
    std::variant<std::string, Constraint> constraint;
  };

  std::string verb;
  std::string label;
  std::variant<std::string, When> when = When();
  std::vector<Parameter> parameters;
  std::vector<std::string> columns;
  Metadata metadata;
  std::optional<std::string> link;
  std::optional<std::string> export_url;
  std::optional<std::string> token;
};

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
    : draft_(std::make_unique<Draft>()) {
  draft_->verb = std::move(verb);
  draft_->label = std::move(label);
}
CapabilityBuilder::~CapabilityBuilder() = default;
CapabilityBuilder::CapabilityBuilder(CapabilityBuilder&&) noexcept = default;
CapabilityBuilder& CapabilityBuilder::operator=(CapabilityBuilder&&) noexcept = default;

CapabilityBuilder&& CapabilityBuilder::when(const std::string_view text) && {
  draft_->when = std::string(text);
  return std::move(*this);
}

CapabilityBuilder&& CapabilityBuilder::when(const When& when) && {
  draft_->when = when;
  return std::move(*this);
}

CapabilityBuilder&& CapabilityBuilder::parameter(std::string element, std::string constraint) && {
  draft_->parameters.push_back({std::move(element), std::move(constraint)});
  return std::move(*this);
}

CapabilityBuilder&& CapabilityBuilder::parameter(std::string element, Constraint constraint) && {
  draft_->parameters.push_back({std::move(element), std::move(constraint)});
  return std::move(*this);
}

CapabilityBuilder&& CapabilityBuilder::result(std::string element) && {
  draft_->columns.push_back(std::move(element));
  return std::move(*this);
}

CapabilityBuilder&& CapabilityBuilder::metadata(std::string element, Value value) && {
  draft_->metadata.emplace_back(std::move(element), std::move(value));
  return std::move(*this);
}

CapabilityBuilder&& CapabilityBuilder::link(std::string url) && {
  draft_->link = std::move(url);
  return std::move(*this);
}

CapabilityBuilder&& CapabilityBuilder::exports_to(std::string scheme) && {
  draft_->export_url = std::move(scheme);
  return std::move(*this);
}

CapabilityBuilder&& CapabilityBuilder::token(std::string token) && {
  draft_->token = std::move(token);
  return std::move(*this);
}

Capability CapabilityBuilder::build(const Registry& registry) && {
  if (draft_->verb.empty()) throw Error(ErrorKind::Invalid, "capability", "the verb is empty");
  std::vector<std::string> names;
  for (const Draft::Parameter& parameter : draft_->parameters) names.push_back(parameter.element);
  auto data = std::make_shared<detail::StatementData>(detail::Kind::Capability, draft_->verb,
                                                      Schema(registry, names, draft_->columns));
  const auto elements = data->schema.parameters();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    data->constraints.push_back(constraint_for(*elements[i], draft_->parameters[i].constraint));
  }
  data->when = when_for(draft_->when);
  for (const auto& [name, value] : draft_->metadata) detail::set_metadata(*data, name, value);
  if (!draft_->label.empty()) data->relabel(draft_->label);
  data->link = draft_->link;
  data->export_url = draft_->export_url;
  data->token = draft_->token;
  return StatementAccess::make<Capability>(std::move(data));
}

}  // namespace mplane
