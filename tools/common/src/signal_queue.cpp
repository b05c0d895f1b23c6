#include "mplane/tools/signal_queue.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <pthread.h>

namespace mplane {

SignalQueue::SignalQueue(const std::initializer_list<int> numbers) : set_() {
  sigemptyset(&set_);
  for (const int number : numbers) sigaddset(&set_, number);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
}

std::optional<int> SignalQueue::wait_until(
    const std::chrono::steady_clock::time_point deadline) const {
  using std::chrono::nanoseconds, std::chrono::seconds;
  for (;;) {
    const auto left = std::max<nanoseconds>(deadline - std::chrono::steady_clock::now(), {});
    std::timespec time{};
    time.tv_sec = std::chrono::floor<seconds>(left).count();
    time.tv_nsec = (left % seconds(1)).count();
    const int number = sigtimedwait(&set_, nullptr, &time);
    if (number > 0) return number;
    if (errno != EINTR) return {};
  }
}

}  // namespace mplane
