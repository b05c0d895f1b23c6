#pragma once

#include "mplane/model/time.hpp"
#include "mplane/scheduler/clock.hpp"

#include <algorithm>
#include <chrono>

namespace mplane::detail {

/// The time by which what is kept ages: the time of day when the file is opened, or the newest date
/// in it if that is later, and then as the steady clock goes. So nothing is old because the clock
/// of a board that came up in 1970 was set, nor because it was set wrong for a while. Immutable;
/// thread-safe.
class StoreTime {
 public:
  /// The clock outlives it. @param newest date in the file; any from before if there is none.
  StoreTime(const Clock& clock, const Instant newest)
      : clock_(clock), opened_(clock.steady()), began_(std::max(clock.now(), newest)) {}

  Instant now() const { return began_ + std::chrono::floor<Duration>(clock_.steady() - opened_); }

  /// Since when something with that date ages. What was dated by a machine that did not know the
  /// time ages from the opening on.
  Instant since(const Instant date) const {
    return date < kFirst && began_ >= kFirst ? began_ : date;
  }

 private:
  static constexpr Instant kFirst{std::chrono::hours(24 * 365 * 40)};  // mPlane is younger

  const Clock& clock_;
  const std::chrono::nanoseconds opened_;
  const Instant began_;
};

}  // namespace mplane::detail
