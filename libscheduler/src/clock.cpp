#include "mplane/scheduler/clock.hpp"

#include "system_alarm.hpp"

namespace mplane {

Instant SystemClock::now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

std::chrono::nanoseconds SystemClock::steady() const {
  return std::chrono::steady_clock::now().time_since_epoch();
}

std::unique_ptr<Alarm> SystemClock::make_alarm() const {
  return std::make_unique<detail::SystemAlarm>();
}

}  // namespace mplane
