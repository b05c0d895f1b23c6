#include "mplane/probes/common/periods.hpp"

#include <algorithm>

namespace mplane {

std::uint32_t count_periods(const When& when, Duration period, std::uint32_t most, Instant now) {
  if (when.is_singleton()) return 1;
  const Interval left = when.interval(now);
  if (left.end.is_future()) return most;
  if (!left.end.is_definite()) return 1;
  const Instant start = left.start.is_definite() ? std::max(left.start.instant(), now) : now;
  const Duration length = left.end.instant() - start;
  const auto periods = (length.count() + period.count() - 1) / period.count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(periods, 1, most));
}

}  // namespace mplane
