#pragma once

#include "mplane/model/detail/mutex.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace mplane::detail {

/// Threads that run tasks in the order of posting. A thread is made when there is a task and none
/// is free, up to the limit. Threads that wait are woken one by one, each by the one before if
/// there is still something to do: tasks that end at once then need few of them. Thread-safe.
class WorkerPool {
 public:
  using Task = std::function<void()>;

  explicit WorkerPool(std::size_t most);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Tasks must not throw. A closed pool drops them.
  void post(Task task);
  /// Waits until all threads but so many have no task, joins those, and lets the others go: what
  /// they run was given up, and may never end. Idempotent.
  void close(std::size_t lost) noexcept;

 private:
  struct State {
    Mutex mutex;
    Event changed;
    std::deque<Task> tasks MPLANE_GUARDED_BY(mutex);
    std::size_t free MPLANE_GUARDED_BY(mutex) = 0;  // threads that wait for a task
    std::size_t busy MPLANE_GUARDED_BY(mutex) = 0;
    bool calling MPLANE_GUARDED_BY(mutex) = false;  // a thread is being woken
    bool closed MPLANE_GUARDED_BY(mutex) = false;
  };
  struct Worker {
    std::shared_ptr<bool> busy;  // guarded by the state's mutex
    std::thread thread;
  };

  static bool calls_another(State& state) MPLANE_REQUIRES(state.mutex);
  static void work(const std::shared_ptr<State>& state, bool& busy);

  const std::size_t most_;
  const std::shared_ptr<State> state_;  // shared with threads that were let go
  std::vector<Worker> workers_;         // guarded by the state's mutex until closed
};

}  // namespace mplane::detail
