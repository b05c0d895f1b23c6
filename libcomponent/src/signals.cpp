#include "signals.hpp"

#include "mplane/model/detail/thread_signals.hpp"

#include <csignal>
#include <ctime>

namespace mplane::detail {

void StopSignal::raise() noexcept {
  const Lock lock(mutex_);
  raised_ = true;
  // It waits for the signal, so that nothing is killed.
  if (waiting_) pthread_kill(waiter_, SIGTERM);  // NOLINT(bugprone-bad-signal-to-kill-thread)
}

void StopSignal::wait() noexcept {
  {
    const Lock lock(mutex_);
    if (raised_) return;
    waiter_ = pthread_self();
    waiting_ = true;
  }
  const sigset_t set = stop_signals();
  int number = 0;
  sigwait(&set, &number);
  {
    const Lock lock(mutex_);
    waiting_ = false;
  }
  // What `raise` sent after another signal had ended the wait must not be left to strike later.
  const std::timespec at_once{};
  while (sigtimedwait(&set, nullptr, &at_once) > 0) continue;
}

}  // namespace mplane::detail
