#include "task_pool.hpp"

#include <csignal>
#include <pthread.h>
#include <utility>

namespace mplane::detail {

TaskPool::~TaskPool() { stop(); }

void TaskPool::at(const TimePoint when, std::function<void()> task) {
  const Lock lock(mutex_);
  if (stopped_) return;
  const bool is_first = due_.empty() || when < due_.top().at;
  due_.push({when, std::move(task)});
  if (!first_is_awaited_) {
    call_one();
  } else if (is_first) {
    first_.notify_one();
  }
}

/// Sees to it that somebody looks at what is due, unless all are busy.
void TaskPool::call_one() {
  if (idle_threads_ > 0) {
    idle_.notify_one();
  } else if (threads_.size() < most_) {
    threads_.emplace_back([this] {
      sigset_t all;
      sigfillset(&all);
      pthread_sigmask(SIG_BLOCK, &all, nullptr);
      run();
    });
  }
}

void TaskPool::run() {
  Lock lock(mutex_);
  while (!stopped_) {
    if (due_.empty() || first_is_awaited_) {
      ++idle_threads_;
      idle_.wait(lock);
      --idle_threads_;
    } else if (const TimePoint first = due_.top().at; first > std::chrono::steady_clock::now()) {
      first_is_awaited_ = true;
      first_.wait_until(lock, first);
      first_is_awaited_ = false;
    } else {
      const std::function<void()> act = due_.top().act;
      due_.pop();
      if (!due_.empty()) call_one();
      lock.unlock();
      act();
      lock.lock();
    }
  }
}

void TaskPool::stop() {
  std::vector<std::thread> threads;
  {
    const Lock lock(mutex_);
    stopped_ = true;
    threads.swap(threads_);
    first_.notify_all();
    idle_.notify_all();
  }
  for (std::thread& thread : threads) thread.join();
  const Lock lock(mutex_);
  due_ = {};
}

}  // namespace mplane::detail
