#include "specify.hpp"

#include "default_scope.hpp"
#include "mplane/model/duration.hpp"
#include "mplane/model/near_miss.hpp"
#include "mplane/model/quoted.hpp"

#include <set>
#include <utility>

namespace mplane {
namespace {

std::size_t parameter_place(const Capability& capability, const std::string& name) {
  const Schema& schema = capability.schema();
  if (const auto place = schema.find_parameter(name)) return *place;
  NearMiss guess(name);
  for (const Element* element : schema.parameters()) guess.consider(element->name());
  throw Error(ErrorKind::Configuration, "",
              mplane::quoted(capability.label()) + " has no parameter " + mplane::quoted(name) +
                  guess.hint());
}

const Element& metadata_element(const Capability& capability, const std::string& name) {
  if (const Element* const element = capability.registry().find(name)) return *element;
  NearMiss guess(name);
  for (const Element& element : capability.registry().elements()) guess.consider(element.name());
  throw Error(ErrorKind::Configuration, "",
              "the registry of " + mplane::quoted(capability.label()) + " has no element " +
                  mplane::quoted(name) + guess.hint());
}

/// Gives each "element=value" of a list to `take`. @throws Error{Configuration} for what is not
/// like that, or given twice.
template <typename Take>
void each_assignment(const std::vector<std::string>& assignments, const std::string_view what,
                     const Take& take) {
  std::set<std::string> assigned;
  for (const std::string& assignment : assignments) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos) {
      throw Error(
          ErrorKind::Configuration, "",
          mplane::quoted(assignment) + " has no '=': " + std::string(what) + " are element=value");
    }
    const std::string name = assignment.substr(0, equals);
    if (!assigned.insert(name).second) {
      throw Error(ErrorKind::Configuration, "", mplane::quoted(name) + " is given twice");
    }
    take(name, assignment.substr(equals + 1));
  }
}

void assign(SpecificationBuilder& builder, const Capability& capability,
            const std::vector<std::string>& assignments) {
  each_assignment(assignments, "parameters", [&](const std::string& name, std::string value) {
    parameter_place(capability, name);
    std::move(builder).set(name, std::move(value));
  });
}

void annotate(SpecificationBuilder& builder, const Capability& capability,
              const std::vector<std::string>& metadata) {
  each_assignment(metadata, "metadata", [&](const std::string& name, const std::string& value) {
    const Element& element = metadata_element(capability, name);
    std::move(builder).metadata(name, Value::parse(element.primitive(), value));
  });
}

/// A step whose errors name the option that is wrong.
template <typename Read>
auto option(const std::string_view name, const Read& read) {
  try {
    return read();
  } catch (const Error& error) {
    throw error.within(name);
  }
}

/// One run, repeated.
When repeated(const When& run, const Question& question) {
  if (!run.start().is_now() || run.end() || run.is_repeated()) {
    throw Error(ErrorKind::Configuration, "--repeat",
                "what is repeated is \"now\", or \"now + …\"; say so with --when");
  }
  const bool crontab = question.repeat.find(' ') != std::string::npos;
  std::string text = "repeat now";
  text += question.length.empty() ? " ... future" : " + " + question.length;
  text += (crontab ? " cron " : " / ") + question.repeat;
  if (run.duration()) text += " { " + to_string(run) + " }";
  return option("--repeat", [&] { return When::parse(text); });
}

/// As long as is said, with the period that it had.
When stretched(const When& scope, const Question& question) {
  if (!question.when.empty()) {
    throw Error(ErrorKind::Configuration, "--for",
                "goes with --repeat; without that, --when says how long it takes");
  }
  const Duration length = option("--for", [&] { return parse_duration(question.length); });
  const When lasting = When::lasting(Time::now(), length);
  return scope.period() ? lasting.every(*scope.period()) : lasting;
}

}  // namespace

Instant wall_clock() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

When scope_of(const Question& question, const Capability& capability, const Instant now) {
  const When scope = question.when.empty()
                         ? default_scope(capability, now)
                         : option("--when", [&] { return When::parse(question.when); });
  if (!question.repeat.empty()) return repeated(scope, question);
  return question.length.empty() ? scope : stretched(scope, question);
}

Specification specify(const Capability& capability, const Question& question) {
  const Instant now = wall_clock();
  SpecificationBuilder builder = capability.specify(scope_of(question, capability, now));
  assign(builder, capability, question.assignments);
  option("--metadata", [&] { annotate(builder, capability, question.metadata); });
  if (!question.label.empty()) builder = std::move(builder).label(question.label);
  return std::move(builder).build(now);
}

}  // namespace mplane
