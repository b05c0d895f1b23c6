#pragma once

#include "mplane/scheduler/clock.hpp"

#include <chrono>
#include <memory>

namespace mplane::test {

/// A clock that moves by hand. Whoever waits for it is woken on the way at each time he waits for,
/// and the hand goes on only when all wait again: what is due on the thread that waits has happened
/// when `advance` returns. Nothing sleeps. Thread-safe.
class FakeClock final : public Clock {
 public:
  /// 2015-06-01 12:00:00, the time at which the recorded vectors were made.
  FakeClock();
  explicit FakeClock(Instant start);
  ~FakeClock() override;

  Instant now() const override;
  std::chrono::nanoseconds steady() const override;
  std::unique_ptr<Alarm> make_alarm() const override;

  /// Lets time pass.
  void advance(Duration by);
  /// Sets the time of day forward or back; no time passes.
  void step(Duration by);
  /// Lets time pass while everybody was stopped: all wake up at the end of it.
  void suspend(Duration by);
  /// Waits until all wait, with nothing left that is due.
  void settle();

 private:
  struct State;
  class FakeAlarm;
  std::shared_ptr<State> state_;
};

}  // namespace mplane::test
