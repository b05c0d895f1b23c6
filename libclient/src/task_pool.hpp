#pragma once

#include "mplane/model/detail/mutex.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <thread>
#include <utility>
#include <vector>

namespace mplane::detail {

/// Does things when their time has come, on as many threads as there are things to do at once, up
/// to a number; beyond it they wait for each other. One idle thread at most waits for the time of
/// the first. A resource; thread-safe.
class TaskPool {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  /// Makes a thread. @throws std::system_error when there are too many.
  using Start = std::function<std::thread(std::function<void()>)>;
  static std::thread start_thread(std::function<void()> run);

  /// No thread is made before there is something to do.
  explicit TaskPool(std::size_t most, Start start = start_thread)
      : most_(most), start_(std::move(start)) {}
  /// Stops.
  ~TaskPool();
  TaskPool(const TaskPool&) = delete;
  TaskPool& operator=(const TaskPool&) = delete;

  /// Has a task done then, of those for the same time the first that came; never after a stop. It
  /// must not throw. @throws std::system_error when not even one thread can be made.
  void at(TimePoint when, std::function<void()> task) MPLANE_EXCLUDES(mutex_);
  void now(std::function<void()> task) { at(TimePoint(), std::move(task)); }

  /// Begins nothing any more, and waits for what is under way. Not to be called from a task.
  void stop() MPLANE_EXCLUDES(mutex_);

 private:
  void run() MPLANE_EXCLUDES(mutex_);
  void call_one() MPLANE_REQUIRES(mutex_);

  const std::size_t most_;
  const Start start_;
  Mutex mutex_;
  Condition first_;  // the thread that waits for the time of the first
  Condition idle_;   // all others without a task
  std::multimap<TimePoint, std::function<void()>> due_ MPLANE_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_ MPLANE_GUARDED_BY(mutex_);
  std::size_t idle_threads_ MPLANE_GUARDED_BY(mutex_) = 0;
  bool first_is_awaited_ MPLANE_GUARDED_BY(mutex_) = false;
  bool stopped_ MPLANE_GUARDED_BY(mutex_) = false;
};

}  // namespace mplane::detail
