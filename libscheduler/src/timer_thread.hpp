#pragma once

#include "mplane/scheduler/clock.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>

namespace mplane::detail {

/// The thread that waits for what is due. Thread-safe.
class TimerThread {
 public:
  /// Does what is due and says when to be called again, on the steady clock.
  using Turn = std::function<std::chrono::nanoseconds()>;

  /// @throws Error{Unavailable} when the clock has no alarm left.
  TimerThread(const Clock& clock, Turn turn);
  ~TimerThread();
  TimerThread(const TimerThread&) = delete;
  TimerThread& operator=(const TimerThread&) = delete;

  /// Something is due earlier than the last turn said.
  void ring() { state_->alarm->ring(); }
  /// Ends the thread, or lets it go: in a turn that may never end. Then whatever the turn holds
  /// stays until it does.
  void close(bool let_go) noexcept;

 private:
  struct State {
    std::unique_ptr<Alarm> alarm;
    Turn turn;
    std::atomic<bool> closed = false;
  };

  static void work(const std::shared_ptr<State>& state);

  const std::shared_ptr<State> state_;  // shared with a thread that was let go
  std::thread thread_;
};

}  // namespace mplane::detail
