#include "collectors.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "routes.hpp"

#include <algorithm>
#include <utility>

namespace mplane::detail {
namespace {

/// @throws Error{Invalid} for a result that the capability does not collect.
void check(const Capability& capability, const Result& result) {
  if (result.schema() != capability.schema()) {
    throw Error(ErrorKind::Invalid, "",
                mplane::quoted(capability.label()) +
                    " does not collect results with these parameters and columns");
  }
  for (const Element* const parameter : capability.schema().parameters()) {
    const Value& value = result.value(parameter->name());
    if (capability.constraint(parameter->name()).admits(value)) continue;
    throw Error(ErrorKind::Invalid, "parameters/" + parameter->name(),
                mplane::quoted(to_string(value)) + " is not collected here, only " +
                    to_string(capability.constraint(parameter->name())));
  }
}

}  // namespace

Capability Collectors::add(const Capability& capability, const std::optional<Url>& ours,
                           Component::Collect collect) {
  const std::string token = capability.token();
  if (!ours) throw Error(ErrorKind::Configuration, "listen", "who collects has to listen");
  const auto& given = capability.link();
  const Url link = given ? Url::parse(*given) : ours->resolve("/result/" + token);
  Capability linked = capability.with_token(token).with_link(to_string(link));
  if (link.path() == "/" || link.path() == kSpecificationPath || link.path() == kPlanPath) {
    throw Error(ErrorKind::Configuration, "link",
                mplane::quoted(link.path()) + " is where specifications are posted");
  }
  const auto collector = std::make_shared<Collector>(linked, std::move(collect));
  const Lock lock(mutex_);
  if (by_path_.count(link.path()) > 0) {
    throw Error(ErrorKind::Configuration, "link",
                "results are collected at " + mplane::quoted(link.path()) + " already");
  }
  const bool is_known = std::any_of(by_path_.begin(), by_path_.end(), [&](const auto& one) {
    return one.second->capability.token() == token;
  });
  if (is_known) {
    throw Error(ErrorKind::Invalid, "capability/" + token,
                mplane::quoted(capability.label()) + " has the token of one that collects already");
  }
  by_path_.emplace(link.path(), collector);
  return linked;
}

void Collectors::remove(const std::string_view token) {
  const Lock lock(mutex_);
  std::erase_if(by_path_, [&](const auto& one) { return one.second->capability.token() == token; });
}

std::shared_ptr<Collectors::Collector> Collectors::find(const std::string_view path) const {
  const Lock lock(mutex_);
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : found->second;
}

bool Collectors::has(const std::string_view path) const { return find(path) != nullptr; }

void Collectors::take(const Identity& from, const std::string_view path, const Message& message) {
  const auto collector = find(path);
  const auto gone = [] {
    return Error(ErrorKind::Unknown, "", "results are not collected here any more");
  };
  if (collector == nullptr) throw gone();
  const Message offered = dispatcher_.capability(from, collector->capability.token());
  if (offered.find<Capability>() == nullptr) throw gone();
  take(from, *collector, message);
}

void Collectors::take(const Identity& from, Collector& collector, const Message& message) {
  if (const auto* const envelope = message.find<Envelope>()) {
    for (const Message& one : envelope->messages()) take(from, collector, one);
  } else if (const auto* const result = message.find<Result>()) {
    hand_on(from, collector, *result);
  } else if (const auto* const exception = message.find<Exception>()) {
    log(log_, {Severity::Info,
               "collector",
               "an exception came in place of a result",
               {{"peer", from.text()}, {"reason", exception->message()}}});
  } else {
    throw Error(ErrorKind::Invalid, "",
                "results are collected here, but this is of kind " + std::string(message.kind()));
  }
}

void Collectors::hand_on(const Identity& from, Collector& collector, const Result& result) {
  check(collector.capability, result);
  collector.duplicates.once(from, result, [&] { collector.collect(from, result); });
}

}  // namespace mplane::detail
