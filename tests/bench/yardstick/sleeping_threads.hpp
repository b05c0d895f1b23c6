#pragma once

#include <cstddef>
#include <memory>

namespace yardstick {

/// Threads that sleep until this goes; all of them do when the constructor returns.
class SleepingThreads {
 public:
  explicit SleepingThreads(std::size_t count);
  ~SleepingThreads();
  SleepingThreads(const SleepingThreads&) = delete;
  SleepingThreads& operator=(const SleepingThreads&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace yardstick
