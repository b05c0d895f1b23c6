#include "callback.hpp"

#include <algorithm>
#include <chrono>
#include <string>

namespace mplane::detail {
namespace {

constexpr const char* kCallback = "callback";
constexpr Duration kLongest = std::chrono::hours(24);  // a mistake must not silence us for ever

}  // namespace

Capability callback_capability(const Registry& registry, const CallbackForm form) {
  const bool labelled = form == CallbackForm::Label;
  const Capability capability = Capability::of(labelled ? "measure" : kCallback, kCallback)
                                    .when("now ... future")
                                    .build(registry);
  return capability.with_token(capability.token());
}

bool is_callback(const Specification& specification) {
  if (specification.verb() == kCallback) return true;
  return specification.label() == kCallback && specification.schema().parameters().empty() &&
         specification.schema().columns().empty();
}

std::optional<Instant> next_poll(const Specification& callback, const Instant now) {
  const auto [start, end] = callback.when().interval(now);
  const auto capped = [&](const Instant at) { return std::min(at, now + kLongest); };
  if (start.is_definite() && start.instant() > now) return capped(start.instant());
  if (end.is_definite()) return capped(std::max(end.instant(), now));
  return {};
}

}  // namespace mplane::detail
