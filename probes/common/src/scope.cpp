#include "mplane/probes/common/scope.hpp"

#include <algorithm>

namespace mplane {

std::optional<Duration> time_left(const When& when, const Instant now) {
  const Interval scope = when.interval(now);
  if (scope.end.is_future()) return std::nullopt;
  if (!scope.end.is_definite()) return Duration(0);
  const Instant start = scope.start.is_definite() ? std::max(scope.start.instant(), now) : now;
  return std::max(scope.end.instant() - start, Duration(0));
}

std::optional<std::uint64_t> count_periods(const When& when, const Duration period,
                                           const Instant now) {
  if (when.is_singleton()) return 1;
  const auto left = time_left(when, now);
  if (!left) return std::nullopt;
  const auto whole = left->count() / period.count();
  const bool another = left->count() % period.count() > 0;
  return static_cast<std::uint64_t>(std::max<Duration::rep>(whole + (another ? 1 : 0), 1));
}

}  // namespace mplane
