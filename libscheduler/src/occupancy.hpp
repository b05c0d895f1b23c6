#pragma once

#include <atomic>
#include <cstdint>

namespace mplane::detail {

/// Counts who is inside, so that who closes can wait until all are out and nobody comes any more.
/// Thread-safe.
class Occupancy {
 public:
  /// Whether one may come in; then he has to leave again.
  bool enter() noexcept {
    if ((state_.fetch_add(kOne) & kClosed) == 0) return true;
    leave();
    return false;
  }
  void leave() noexcept {
    if (state_.fetch_sub(kOne) - kOne <= kClosed) state_.notify_all();
  }
  /// Waits until nobody is inside.
  void wait_until_empty() const noexcept {
    for (std::uint64_t state = state_; state > kClosed; state = state_) state_.wait(state);
  }
  /// Lets nobody in from now on and waits until all are out.
  void close() noexcept {
    state_ |= kClosed;
    wait_until_empty();
  }

 private:
  static constexpr std::uint64_t kClosed = 1;
  static constexpr std::uint64_t kOne = 2;

  std::atomic<std::uint64_t> state_ = 0;
};

}  // namespace mplane::detail
