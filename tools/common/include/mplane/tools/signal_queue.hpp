#pragma once

#include <chrono>
#include <csignal>
#include <initializer_list>
#include <optional>

namespace mplane {

/// Signals that are taken one after the other instead of striking in the middle of something. They
/// are blocked from construction on, for good, in this thread and in those that it starts. One
/// thread at a time waits.
class SignalQueue {
 public:
  SignalQueue(std::initializer_list<int> numbers);

  /// Waits for one of them. @return its number, or nothing when the time has come.
  std::optional<int> wait_until(std::chrono::steady_clock::time_point deadline) const;

 private:
  sigset_t set_;
};

}  // namespace mplane
