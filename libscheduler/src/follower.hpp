#pragma once

#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/message.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>

namespace mplane::detail {

/// Somebody who gets each outcome of a job as it comes: one at a time and in order, whichever
/// threads bring them. Thread-safe.
class Follower {
 public:
  using Callback = std::function<void(std::optional<Message>)>;

  /// The callback must not throw.
  explicit Follower(Callback each) : each_(std::move(each)) {}

  /// The next outcome; null after the last one.
  void push(std::shared_ptr<const Message> outcome) MPLANE_EXCLUDES(mutex_);
  /// Calls back with all there are, unless another thread is at it.
  void drain() MPLANE_EXCLUDES(mutex_);

 private:
  const Callback each_;
  Mutex mutex_;
  std::deque<std::shared_ptr<const Message>> outcomes_ MPLANE_GUARDED_BY(mutex_);
  bool draining_ MPLANE_GUARDED_BY(mutex_) = false;
};

}  // namespace mplane::detail
