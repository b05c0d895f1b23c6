#include "patience.hpp"

#include "until.hpp"

#include <algorithm>

namespace mplane::detail {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// When the result of a specification sent now is expected; nothing when that can't be told.
std::optional<SteadyClock::time_point> expected_end(const When& when) {
  const Instant today = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  const Time end = when.interval(today).end;
  if (when.is_repeated() || !end.is_definite() || end.instant() <= today) return {};
  return after(end.instant() - today);
}

}  // namespace

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

Patience patience_for(const std::optional<Specification>& asked) {
  if (!asked) return Patience(SteadyClock::now());
  const When& when = asked->when();
  const bool has_runs = when.is_repeated() && when.period();
  return Patience(SteadyClock::now(), expected_end(when),
                  has_runs ? std::min(*when.period(), Patience::kLongest) : Patience::kLongest);
}

}  // namespace mplane::detail
