#pragma once

#include "mplane/model/time.hpp"

#include <chrono>
#include <memory>

namespace mplane {

/// Where a thread waits for time to pass. Made by the clock whose time it waits for. Thread-safe,
/// but only one thread at a time may wait.
class Alarm {
 public:
  /// A deadline that never comes.
  static constexpr std::chrono::nanoseconds kNever = std::chrono::nanoseconds::max();

  Alarm() = default;
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;
  virtual ~Alarm() = default;

  /// Returns when the clock's `steady` has reached the deadline, when `ring` was called since the
  /// last return, or when the time of day was stepped; and now and then for no reason.
  virtual void wait_until(std::chrono::nanoseconds deadline) = 0;
  /// Ends the wait under way, or else the next one. From any thread.
  virtual void ring() = 0;
};

/// Where time comes from. Handed in, so that tests move it by hand. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  /// The time of day: UTC, may step.
  virtual Instant now() const = 0;
  /// Time that never steps, goes back nor stands still, from an arbitrary origin.
  virtual std::chrono::nanoseconds steady() const = 0;
  /// A place to wait for this clock. The clock outlives it.
  /// @throws Error{Unavailable} when the system has no descriptor left.
  virtual std::unique_ptr<Alarm> make_alarm() const = 0;

 protected:
  Clock() = default;
  Clock(const Clock&) = default;
  Clock& operator=(const Clock&) = default;
};

/// The system's clocks: CLOCK_REALTIME, and CLOCK_BOOTTIME as the steady one, which unlike
/// std::chrono::steady_clock goes on while the machine sleeps. The two must not be compared.
class SystemClock final : public Clock {
 public:
  Instant now() const override;
  std::chrono::nanoseconds steady() const override;
  std::unique_ptr<Alarm> make_alarm() const override;
};

}  // namespace mplane
