#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <vector>

namespace yardstick {

/// Threads that run what is posted to them: a queue, a mutex, a condition.
class ThreadPool {
 public:
  explicit ThreadPool(std::size_t threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  /// Posts a task that returns the number, and waits for its future.
  std::size_t post_and_wait(std::size_t number);

 private:
  using Task = std::packaged_task<std::size_t()>;

  void work();

  std::mutex mutex_;
  std::condition_variable posted_;
  std::deque<Task> tasks_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace yardstick
