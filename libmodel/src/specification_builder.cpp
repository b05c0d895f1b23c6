#include "mplane/model/quoted.hpp"
#include "mplane/model/specification.hpp"
#include "statement_data.hpp"

#include <string>
#include <utility>

namespace mplane {

struct SpecificationBuilder::Draft {
  Draft(const Capability& its_capability, const When& when)
      : capability(its_capability),
        data(std::make_shared<detail::StatementData>(detail::Kind::Specification, capability.verb(),
                                                     capability.schema())) {
    const detail::StatementData& offered = capability.data();
    data->has_label = offered.has_label;
    data->label = offered.label;
    data->metadata = offered.metadata;
    data->constraints = offered.constraints;
    data->when = when;
    data->values.resize(data->schema.parameters().size());
    for (std::size_t i = 0; i < data->values.size(); ++i) {
      if (const Value* only = capability.constraint(i).single()) data->values[i] = *only;
    }
  }

  Capability capability;
  std::shared_ptr<detail::StatementData> data;
};

namespace {

void require_values(const detail::StatementData& data) {
  std::string missing;
  const auto parameters = data.schema.parameters();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (data.values[i].has_value()) continue;
    missing += (missing.empty() ? "" : ", ") + parameters[i]->name();
  }
  if (missing.empty()) return;
  throw Error(ErrorKind::Invalid, "parameters", "these have no value yet: " + missing);
}

void refuse_scope(const When& when, const When& offered) {
  throw Error(ErrorKind::Invalid, "when",
              quoted(to_string(when)) + " does not follow " + quoted(to_string(offered)));
}

// Whether there is a now from which the scope follows the offered one: the start or end of either.
// The component judges by its own clock; here only what can never be is refused.
bool can_follow(const When& when, const When& offered) {
  for (const Time time :
       {when.start(), offered.start(), when.interval({}).end, offered.interval({}).end}) {
    if (time.is_definite() && when.follows(offered, time.instant())) return true;
  }
  return when.follows(offered, Instant{});
}

}  // namespace

SpecificationBuilder::SpecificationBuilder(const Capability& capability, const When& when)
    : draft_(std::make_unique<Draft>(capability, when)) {}
SpecificationBuilder::~SpecificationBuilder() = default;
SpecificationBuilder::SpecificationBuilder(SpecificationBuilder&&) noexcept = default;
SpecificationBuilder& SpecificationBuilder::operator=(SpecificationBuilder&&) noexcept = default;

SpecificationBuilder&& SpecificationBuilder::set(const std::string_view element,
                                                 const Value& value) && {
  detail::StatementData& data = *draft_->data;
  const std::size_t place = data.schema.parameter(element);
  Value chosen = detail::value_for("parameters", *data.schema.parameters()[place], value);
  const Constraint& constraint = draft_->capability.constraint(place);
  if (!constraint.admits(chosen)) {
    throw Error(ErrorKind::Invalid, detail::pointer("parameters", element),
                quoted(to_string(chosen)) + " is not within " + quoted(to_string(constraint)));
  }
  data.values[place] = std::move(chosen);
  return std::move(*this);
}

SpecificationBuilder&& SpecificationBuilder::label(std::string label) && {
  draft_->data->relabel(std::move(label));
  return std::move(*this);
}

SpecificationBuilder&& SpecificationBuilder::token(std::string token) && {
  draft_->data->token = std::move(token);
  return std::move(*this);
}

SpecificationBuilder&& SpecificationBuilder::link(std::string url) && {
  draft_->data->link = std::move(url);
  return std::move(*this);
}

SpecificationBuilder&& SpecificationBuilder::export_to(std::string url) && {
  draft_->data->export_url = std::move(url);
  return std::move(*this);
}

SpecificationBuilder&& SpecificationBuilder::metadata(const std::string& element,
                                                      const Value& value) && {
  detail::set_metadata(*draft_->data, element, value);
  return std::move(*this);
}

Specification SpecificationBuilder::build() && {
  const When& when = draft_->data->when;
  require_values(*draft_->data);
  if (!can_follow(when, draft_->capability.when())) refuse_scope(when, draft_->capability.when());
  return StatementAccess::make<Specification>(draft_->data);
}

Specification SpecificationBuilder::build(const Instant now) && {
  const When& when = draft_->data->when;
  require_values(*draft_->data);
  if (!when.follows(draft_->capability.when(), now)) {
    refuse_scope(when, draft_->capability.when());
  }
  return StatementAccess::make<Specification>(draft_->data);
}

}  // namespace mplane
