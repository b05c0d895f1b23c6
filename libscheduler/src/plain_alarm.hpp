#pragma once

#include "mplane/model/detail/mutex.hpp"
#include "mplane/scheduler/clock.hpp"

#include <algorithm>
#include <chrono>

namespace mplane::detail {

/// An alarm that needs no descriptor, for when there is none left: it looks at its clock ten times
/// a second. Thread-safe, but only one thread at a time may wait.
class PlainAlarm final : public Alarm {
 public:
  /// The clock outlives it.
  explicit PlainAlarm(const Clock& clock) : clock_(clock) {}

  void wait_until(std::chrono::nanoseconds deadline) override MPLANE_EXCLUDES(mutex_) {
    constexpr std::chrono::nanoseconds kLook = std::chrono::milliseconds(100);
    Lock lock(mutex_);
    rung_.wait_for(lock, std::min(kLook, deadline - clock_.steady()),
                   [this]() MPLANE_REQUIRES(mutex_) { return is_rung_; });
    is_rung_ = false;
  }

  void ring() override MPLANE_EXCLUDES(mutex_) {
    {
      const Lock lock(mutex_);
      is_rung_ = true;
    }
    rung_.notify_one();
  }

 private:
  const Clock& clock_;
  Mutex mutex_;
  Condition rung_;
  bool is_rung_ MPLANE_GUARDED_BY(mutex_) = false;
};

}  // namespace mplane::detail
