#pragma once

#include "mplane/model/detail/mutex.hpp"

#include <deque>
#include <functional>
#include <utility>

namespace mplane::detail {

/// Calls a function with values, one at a time, in the order in which they were put, on the threads
/// that bring them. Thread-safe; the function must not throw.
template <typename T>
class InOrder {
 public:
  explicit InOrder(std::function<void(T)> take) : take_(std::move(take)) {}
  ~InOrder() = default;
  InOrder(const InOrder&) = delete;
  InOrder& operator=(const InOrder&) = delete;

  /// Queues a value; may be called under a lock.
  void put(T value) {
    const Lock lock(mutex_);
    if (!closed_) waiting_.push_back(std::move(value));
  }
  /// Hands over what was put, unless another thread is at it, which then goes on. Not under a lock.
  void flow() {
    Lock lock(mutex_);
    if (std::exchange(flowing_, true)) return;
    while (!waiting_.empty()) {
      T value = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      take_(std::move(value));
      lock.lock();
    }
    flowing_ = false;
  }
  /// Drops what was not handed over, now and from now on.
  void close() {
    const Lock lock(mutex_);
    closed_ = true;
    waiting_.clear();
  }

 private:
  const std::function<void(T)> take_;
  Mutex mutex_;
  std::deque<T> waiting_ MPLANE_GUARDED_BY(mutex_);
  bool flowing_ MPLANE_GUARDED_BY(mutex_) = false;
  bool closed_ MPLANE_GUARDED_BY(mutex_) = false;
};

}  // namespace mplane::detail
