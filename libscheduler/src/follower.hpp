#pragma once

#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/message.hpp"
#include "position.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>

namespace mplane::detail {

/// Somebody who gets each outcome of a job as it comes: one at a time and in order, whichever
/// threads bring them, and none before the entry that says so is durable. Thread-safe.
class Follower {
 public:
  using Callback = std::function<void(std::optional<Message>)>;

  /// The callback must not throw.
  explicit Follower(Callback each) : each_(std::move(each)) {}

  /// The next outcome, and its entry; null after the last one.
  void push(std::shared_ptr<const Message> outcome, Position position) MPLANE_EXCLUDES(mutex_);
  /// Calls back with those up to an entry, unless another thread is at it, which then does.
  void drain(Position up_to) MPLANE_EXCLUDES(mutex_);

 private:
  struct Pushed {
    std::shared_ptr<const Message> outcome;
    Position position;
  };

  const Callback each_;
  Mutex mutex_;
  std::deque<Pushed> outcomes_ MPLANE_GUARDED_BY(mutex_);
  Position told_ MPLANE_GUARDED_BY(mutex_) = 0;  // up to there it may be
  bool draining_ MPLANE_GUARDED_BY(mutex_) = false;
};

}  // namespace mplane::detail
