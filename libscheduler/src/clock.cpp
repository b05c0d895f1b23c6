#include "mplane/scheduler/clock.hpp"

#include "system_alarm.hpp"

#include <ctime>

namespace mplane {

Instant SystemClock::now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

std::chrono::nanoseconds SystemClock::steady() const {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);  // cannot fail
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

std::unique_ptr<Alarm> SystemClock::make_alarm() const {
  return std::make_unique<detail::SystemAlarm>();
}

}  // namespace mplane
