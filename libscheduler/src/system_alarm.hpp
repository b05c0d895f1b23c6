#pragma once

#include "mplane/scheduler/clock.hpp"

#include <chrono>

namespace mplane::detail {

/// Waits on three descriptors: a timer with absolute deadlines on CLOCK_BOOTTIME (no slack, unlike
/// a time-out, and what passed while the machine slept is due at once), a timer that the kernel
/// cancels when CLOCK_REALTIME is set, and an event for `ring`. Nothing wakes up without a cause.
class SystemAlarm final : public Alarm {
 public:
  /// @throws Error{Unavailable} when the system has no descriptor left.
  SystemAlarm();

  void wait_until(std::chrono::nanoseconds deadline) override;
  void ring() override;

 private:
  class Descriptor {
   public:
    explicit Descriptor(int number);
    ~Descriptor();
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number() const noexcept { return number_; }
    /// Reads the count of events away. Whether there was one, or the timer was cancelled.
    void drain() const noexcept;

   private:
    int number_;
  };

  void watch_for_steps() noexcept;

  Descriptor deadline_;
  Descriptor step_;
  Descriptor bell_;
};

}  // namespace mplane::detail
