#include "agenda.hpp"

#include <algorithm>

namespace mplane::detail {

using std::chrono::nanoseconds;

namespace {

/// What is longer is cut off to this: timestamps reach further than nanoseconds count.
constexpr Duration kLong = std::chrono::hours(24 * 36525);

}  // namespace

Due Due::after(const Now& now, Duration delay) noexcept {
  return steady(now.steady + std::min(delay, kLong));
}

Due Due::roughly_after(const Now& now, Duration delay) noexcept {
  constexpr std::int64_t kCoarsest = 250'000'000;  // nanoseconds
  const auto exact = after(now, delay).ticks_;
  const auto grain = std::clamp<std::int64_t>(nanoseconds(delay).count() / 16, 1, kCoarsest);
  return steady(nanoseconds(exact + grain - 1 - (exact + grain - 1) % grain));
}

Due Due::operator+(Duration delay) const noexcept {
  delay = std::min(delay, kLong);
  return {axis_, ticks_ + (axis_ == Axis::Steady ? nanoseconds(delay).count() : delay.count())};
}

nanoseconds Due::lateness(const Now& now) const noexcept {
  if (axis_ == Axis::Steady) return now.steady - nanoseconds(ticks_);
  return std::clamp(now.wall.time_since_epoch() - Duration(ticks_), -kLong, kLong);
}

void Agenda::plan(Timed& timed, Due due) {
  cancel(timed);
  timed.axis_ = static_cast<std::uint8_t>(due.axis_);
  (due.axis_ == Due::Axis::Steady ? steady_ : wall_).push(timed, due.ticks_);
}

void Agenda::cancel(Timed& timed) noexcept {
  if (!timed.is_planned()) return;
  const auto axis = static_cast<Due::Axis>(timed.axis_);
  (axis == Due::Axis::Steady ? steady_ : wall_).remove(timed);
}

Timed* Agenda::pop_due(const Now& now) {
  Timed* const due = steady_.pop_due(now.steady.count());
  return due != nullptr ? due : wall_.pop_due(now.wall.time_since_epoch().count());
}

nanoseconds Agenda::next_deadline(const Now& now) const noexcept {
  nanoseconds next = Alarm::kNever;
  if (const auto steady = steady_.earliest()) next = nanoseconds(*steady);
  if (const auto wall = wall_.earliest()) {
    // Looked at again after a day at most.
    constexpr Duration kDay = std::chrono::hours(24);
    const Duration away = Duration(*wall) - now.wall.time_since_epoch();
    next = std::min<nanoseconds>(next, now.steady + std::min(away, kDay));
  }
  return next;
}

}  // namespace mplane::detail
