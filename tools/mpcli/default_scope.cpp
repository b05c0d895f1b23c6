#include "default_scope.hpp"

namespace mplane {

When default_scope(const Capability& capability, const Instant now) {
  constexpr int kPeriods = 5;
  const When& offered = capability.when();
  const auto [start, end] = offered.interval(now);
  const std::optional<Duration> period = offered.inner().period();
  When scope = When::at(Time::now());
  if (start.is_past() ||
      (start.is_definite() && start.instant() < now && !offered.start().is_now())) {
    const Time until = end.is_definite() && end.instant() < now ? end : Time::now();
    scope = When::between(start, until);
  } else if (period) {
    scope = When::lasting(Time::now(), kPeriods * *period);
  }
  return period ? scope.every(*period) : scope;
}

}  // namespace mplane
