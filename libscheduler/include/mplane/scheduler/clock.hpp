#pragma once

#include <chrono>

#include "mplane/model/time.hpp"

namespace mplane {

/// Where time comes from. Handed in, so that tests move it by hand. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  /// The time of day: UTC, may step.
  virtual Instant now() const = 0;
  /// Time that never steps nor goes back, from an arbitrary origin.
  virtual std::chrono::nanoseconds steady() const = 0;

 protected:
  Clock() = default;
  Clock(const Clock&) = default;
  Clock& operator=(const Clock&) = default;
};

/// The system's clocks: CLOCK_REALTIME and CLOCK_MONOTONIC.
class SystemClock final : public Clock {
 public:
  Instant now() const override;
  std::chrono::nanoseconds steady() const override;
};

}  // namespace mplane
