#pragma once

#include "mplane/model/time.hpp"
#include "mplane/scheduler/clock.hpp"

#include <chrono>

namespace mplane::detail {

/// The time by which what is kept ages: for how long a file was open, all openings together. It
/// goes as the steady clock does and is written into the file with what is kept, so that nothing
/// is old because the time of day was set, be it right or wrong; and while no process has the file
/// open, nothing ages. A process that is killed takes with it what passed since it wrote last.
/// Immutable; thread-safe.
class StoreTime {
 public:
  /// The clock outlives it. @param before for how long the file was open until now.
  StoreTime(const Clock& clock, const Duration before)
      : clock_(clock), opened_(clock.steady()), before_(before) {}

  Duration now() const { return before_ + std::chrono::floor<Duration>(clock_.steady() - opened_); }

 private:
  const Clock& clock_;
  const std::chrono::nanoseconds opened_;
  const Duration before_;
};

}  // namespace mplane::detail
