#include "patience.hpp"

#include <algorithm>

namespace mplane::detail {

Patience::Patience(const TimePoint now, const std::optional<TimePoint> expected,
                   const Duration longest)
    : expected_(expected), longest_(std::max(longest, kShortest)), next_(now) {
  asked(now);
}

void Patience::asked(const TimePoint now) {
  next_ = now + delay_;
  delay_ = std::min(2 * delay_, longest_);
  if (!expected_ || next_ < *expected_) return;
  if (now < *expected_) next_ = *expected_;
  delay_ = kShortest;
  expected_.reset();
}

}  // namespace mplane::detail
