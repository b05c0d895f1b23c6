#include "collectors.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"

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
  const Lock lock(mutex_);
  by_path_[link.path()] = std::make_shared<const Collector>(Collector{linked, std::move(collect)});
  return linked;
}

std::shared_ptr<const Collectors::Collector> Collectors::find(const std::string_view path) const {
  const Lock lock(mutex_);
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : found->second;
}

bool Collectors::has(const std::string_view path) const { return find(path) != nullptr; }

void Collectors::take(const Identity& from, const std::string_view path, const Message& message) {
  const auto collector = find(path);
  const Message offered = dispatcher_.capability(from, collector->capability.token());
  if (offered.find<Capability>() == nullptr) {
    throw Error(ErrorKind::Unknown, "", "results are not collected here any more");
  }
  take(from, *collector, message);
}

void Collectors::take(const Identity& from, const Collector& collector, const Message& message) {
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

void Collectors::hand_on(const Identity& from, const Collector& collector, const Result& result) {
  check(collector.capability, result);
  if (!duplicates_.is_new(from, result)) return;
  try {
    collector.collect(from, result);
  } catch (...) {
    duplicates_.forget(from, result);
    throw;
  }
}

}  // namespace mplane::detail
