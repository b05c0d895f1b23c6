#pragma once

#include "mplane/model/detail/mutex.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <queue>
#include <thread>
#include <vector>

namespace mplane::detail {

/// Does things when their time has come, on as many threads as there are things to do at once, up
/// to a number; beyond it they wait for each other. One idle thread at most waits for the time of
/// the first. A resource; thread-safe.
class TaskPool {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// No thread is made before there is something to do.
  explicit TaskPool(std::size_t most) : most_(most) {}
  /// Stops.
  ~TaskPool();
  TaskPool(const TaskPool&) = delete;
  TaskPool& operator=(const TaskPool&) = delete;

  /// Has a task done then; never after a stop. It must not throw.
  void at(TimePoint when, std::function<void()> task) MPLANE_EXCLUDES(mutex_);
  void now(std::function<void()> task) { at(TimePoint(), std::move(task)); }

  /// Begins nothing any more, and waits for what is under way. Not to be called from a task.
  void stop() MPLANE_EXCLUDES(mutex_);

 private:
  struct Task {
    TimePoint at;
    std::function<void()> act;
    friend bool operator<(const Task& a, const Task& b) noexcept { return a.at > b.at; }
  };

  void run() MPLANE_EXCLUDES(mutex_);
  void call_one() MPLANE_REQUIRES(mutex_);

  const std::size_t most_;
  Mutex mutex_;
  Condition first_;  // the thread that waits for the time of the first
  Condition idle_;   // all others without a task
  std::priority_queue<Task> due_ MPLANE_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_ MPLANE_GUARDED_BY(mutex_);
  std::size_t idle_threads_ MPLANE_GUARDED_BY(mutex_) = 0;
  bool first_is_awaited_ MPLANE_GUARDED_BY(mutex_) = false;
  bool stopped_ MPLANE_GUARDED_BY(mutex_) = false;
};

}  // namespace mplane::detail
