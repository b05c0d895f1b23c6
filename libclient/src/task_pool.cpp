#include "task_pool.hpp"

#include "mplane/model/detail/thread_signals.hpp"

#include <system_error>
#include <utility>

namespace mplane::detail {

TaskPool::~TaskPool() { stop(); }

void TaskPool::at(const TimePoint when, std::function<void()> task) {
  const Lock lock(mutex_);
  if (stopped_) return;
  const bool is_first = due_.empty() || when < due_.begin()->first;
  due_.emplace(when, std::move(task));
  if (!first_is_awaited_) {
    call_one();
  } else if (is_first) {
    first_.notify_one();
  }
}

std::thread TaskPool::start_thread(std::function<void()> run) {
  return std::thread([run = std::move(run)] {
    block_all_signals();
    run();
  });
}

/// Sees to it that somebody looks at what is due, unless all are busy.
void TaskPool::call_one() {
  if (idle_threads_ > 0) {
    idle_.notify_one();
  } else if (threads_.size() < most_) {
    try {
      threads_.push_back(start_([this] { run(); }));
    } catch (const std::system_error&) {
      if (threads_.empty()) throw;  // else those there are do it when they are free
    }
  }
}

void TaskPool::run() {
  Lock lock(mutex_);
  while (!stopped_) {
    if (due_.empty() || first_is_awaited_) {
      ++idle_threads_;
      idle_.wait(lock);
      --idle_threads_;
    } else if (const TimePoint first = due_.begin()->first;
               first > std::chrono::steady_clock::now()) {
      first_is_awaited_ = true;
      first_.wait_until(lock, first);
      first_is_awaited_ = false;
    } else {
      auto task = due_.extract(due_.begin());
      if (!due_.empty()) call_one();
      lock.unlock();
      task.mapped()();
      task = {};  // what it holds may take locks of its own
      lock.lock();
    }
  }
}

void TaskPool::stop() {
  std::vector<std::thread> threads;
  decltype(due_) undone;
  {
    const Lock lock(mutex_);
    stopped_ = true;
    threads.swap(threads_);
    first_.notify_all();
    idle_.notify_all();
  }
  for (std::thread& thread : threads) thread.join();
  const Lock lock(mutex_);
  undone.swap(due_);  // what they hold goes when the lock is free
}

}  // namespace mplane::detail
