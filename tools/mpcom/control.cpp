#include "control.hpp"

#include <chrono>
#include <csignal>

namespace mplane {

using SteadyClock = std::chrono::steady_clock;

SignalQueue control_signals() { return SignalQueue({SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2}); }

void Control::run() {
  constexpr std::chrono::minutes kNowAndThen{10};
  const SteadyClock::duration period =
      manager.watchdog_period().value_or(std::chrono::microseconds(kNowAndThen));
  auto next = SteadyClock::now();
  for (;;) {
    const auto number = signals.wait_until(next);
    if (number == SIGINT || number == SIGTERM) break;
    if (number) {
      obey(*number);
    } else {
      tick();
      next = SteadyClock::now() + period;
    }
  }
  manager.stopping();
}

void Control::obey(const int number) {
  if (number == SIGHUP) {
    manager.reloading();
    const bool done = reload();
    manager.ready(done ? "reloaded" : "running; the new configuration has mistakes, see the log");
  } else if (number == SIGUSR1) {
    output.change_level(Severity::Debug);
    log(output.sink(), {Severity::Info, "mpcom", "the log tells everything from now on", {}});
  } else {
    log(output.sink(),
        {Severity::Info, "mpcom", "the log tells what the configuration says from now on", {}});
    output.change_level(reload.log_level());
  }
}

void Control::tick() {
  watch.look();
  if (!manager.watchdog_period()) return;
  if (is_well()) {
    manager.alive();
  } else {
    log(output.sink(), {Severity::Error, "mpcom", "peers are not answered any more", {}});
  }
}

}  // namespace mplane
