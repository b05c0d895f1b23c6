#include "system_alarm.hpp"

#include "mplane/model/error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <limits>
#include <poll.h>
#include <string>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace mplane::detail {
namespace {

timespec timespec_of(std::chrono::nanoseconds time) noexcept {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return {seconds.count(), (time - seconds).count()};
}

}  // namespace

SystemAlarm::Descriptor::Descriptor(int number) : number_(number) {
  if (number_ >= 0) return;
  throw Error(ErrorKind::Unavailable, "clock",
              std::string("no descriptor for a timer: ") + std::strerror(errno));
}

SystemAlarm::Descriptor::~Descriptor() { ::close(number_); }

void SystemAlarm::Descriptor::drain() const noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t read = ::read(number_, &count, sizeof count);
}

SystemAlarm::SystemAlarm()
    : deadline_(::timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC)),
      step_(::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC)),
      bell_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  watch_for_steps();
}

void SystemAlarm::wait_until(std::chrono::nanoseconds deadline) {
  // A time of zero would disarm the timer; one in the past fires at once.
  itimerspec setting{};
  if (deadline != kNever) {
    setting.it_value = timespec_of(std::max(deadline, std::chrono::nanoseconds(1)));
  }
  ::timerfd_settime(deadline_.number(), TFD_TIMER_ABSTIME, &setting, nullptr);

  std::array<pollfd, 3> ready{
      {{deadline_.number(), POLLIN, 0}, {step_.number(), POLLIN, 0}, {bell_.number(), POLLIN, 0}}};
  if (::poll(ready.data(), ready.size(), -1) <= 0) return;
  if (ready[1].revents != 0) {
    step_.drain();
    watch_for_steps();
  }
  if (ready[2].revents != 0) bell_.drain();
}

void SystemAlarm::ring() {
  const std::uint64_t once = 1;
  [[maybe_unused]] const ssize_t written = ::write(bell_.number(), &once, sizeof once);
}

void SystemAlarm::watch_for_steps() noexcept {
  itimerspec never{};
  never.it_value.tv_sec = std::numeric_limits<time_t>::max() / 1'000'000'000;  // the kernel's end
  ::timerfd_settime(step_.number(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr);
}

}  // namespace mplane::detail
