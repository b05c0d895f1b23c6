#pragma once

#include "mplane/model/detail/mutex.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

namespace mplane::detail {

/// Lets so many complaints about peers into the log that it can be read, and no more: `kBurst` at
/// once, then `kPerSecond`. The others are counted. Thread-safe.
class LogThrottle {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr double kBurst = 100;
  static constexpr double kPerSecond = 10;

  /// May one more be logged? If so: how many were left out since the last one.
  std::optional<std::uint64_t> admit(Clock::time_point now) {
    Lock lock(mutex_);
    const std::chrono::duration<double> passed = now - last_;
    last_ = now;
    allowance_ = std::min(kBurst, allowance_ + passed.count() * kPerSecond);
    if (allowance_ < 1) {
      ++left_out_;
      return std::nullopt;
    }
    allowance_ -= 1;
    return std::exchange(left_out_, 0);
  }

  /// Whether it is as good as new: everything may be logged, and nothing was left out.
  bool is_whole(Clock::time_point now) {
    Lock lock(mutex_);
    const std::chrono::duration<double> passed = now - last_;
    return left_out_ == 0 && allowance_ + passed.count() * kPerSecond >= kBurst;
  }

 private:
  Mutex mutex_;
  Clock::time_point last_ MPLANE_GUARDED_BY(mutex_);
  double allowance_ MPLANE_GUARDED_BY(mutex_) = kBurst;
  std::uint64_t left_out_ MPLANE_GUARDED_BY(mutex_) = 0;
};

}  // namespace mplane::detail
