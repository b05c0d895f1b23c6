#pragma once

#include "mplane/scheduler/clock.hpp"
#include "timer_queue.hpp"

#include <chrono>
#include <cstdint>

namespace mplane::detail {

/// Both clocks, read together.
struct Now {
  std::chrono::nanoseconds steady{0};
  Instant wall{};
};

/// A moment on one of the two clocks. What is relative to an event is due on the steady one, which
/// no step of the system clock moves; what was written as a timestamp on the wall's.
class Due {
 public:
  static Due steady(std::chrono::nanoseconds time) noexcept { return {Axis::Steady, time.count()}; }
  /// So long after now; without end is cut off at a hundred years.
  static Due after(const Now& now, Duration delay) noexcept;
  /// After at least so long, and up to a sixteenth more: what need not be on time comes in heaps.
  static Due roughly_after(const Now& now, Duration delay) noexcept;
  static Due wall(Instant time) noexcept { return {Axis::Wall, time.time_since_epoch().count()}; }

  /// The moment so much later.
  Due operator+(Duration delay) const noexcept;
  /// How long ago it was; negative before.
  std::chrono::nanoseconds lateness(const Now& now) const noexcept;

 private:
  friend class Agenda;
  enum class Axis : std::uint8_t { Steady, Wall };
  Due(Axis axis, std::int64_t ticks) noexcept : axis_(axis), ticks_(ticks) {}

  Axis axis_;
  std::int64_t ticks_;  // nanoseconds of the steady clock, microseconds of the wall's
};

/// What is due when, on both clocks. A step of the system clock changes no order within the queue
/// of either, only which is first. One thread at a time.
class Agenda {
 public:
  /// Puts it in, or off to another moment.
  void plan(Timed& timed, Due due);
  /// Takes it out; nothing happens if it is not in.
  void cancel(Timed& timed) noexcept;
  /// Takes out something that is due, or null.
  Timed* pop_due(const Now& now);
  /// When the next is due, as seen now, on the steady clock; Alarm::kNever when nothing is. A time
  /// before, where what was due then was taken out.
  std::chrono::nanoseconds next_deadline(const Now& now) const noexcept;
  std::size_t size() const noexcept { return steady_.size() + wall_.size(); }

 private:
  TimerQueue steady_;
  TimerQueue wall_;
};

}  // namespace mplane::detail
