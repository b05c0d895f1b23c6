#include "alarm.hpp"

#include "mplane/model/error.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <string>
#include <sys/timerfd.h>
#include <unistd.h>

namespace mplane::detail {

Alarm::Alarm() : timer_(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
  if (!timer_) {
    throw Error(ErrorKind::Unavailable, "",
                std::string("the event loop's timer cannot be made: ") + std::strerror(errno));
  }
}

void Alarm::set(std::optional<SteadyTime> when) noexcept {
  if (when == set_) return;
  set_ = when;
  itimerspec spec{};
  if (when) {
    // Zero would mean "never", and a negative time is refused.
    const auto since_boot = std::max(when->time_since_epoch(), SteadyTime::duration{1});
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_boot);
    spec.it_value.tv_sec = seconds.count();
    spec.it_value.tv_nsec = (since_boot - seconds).count();
  }
  ::timerfd_settime(timer_.number(), TFD_TIMER_ABSTIME, &spec, nullptr);
}

void Alarm::acknowledge() noexcept {
  std::uint64_t rings = 0;
  if (::read(timer_.number(), &rings, sizeof rings) > 0) set_.reset();
}

}  // namespace mplane::detail
