#pragma once

#include <chrono>
#include <stop_token>

namespace mplane::detail {

/// How long something may take: until somebody wants it stopped, or a time. A value.
struct Until {
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr TimePoint kNever = TimePoint::max();

  std::stop_token stop = {};
  TimePoint deadline = kNever;

  bool is_over() const noexcept {
    return stop.stop_requested() || std::chrono::steady_clock::now() >= deadline;
  }
};

/// Now and so long, without running over.
inline Until::TimePoint after(std::chrono::microseconds at_most) noexcept {
  const auto now = std::chrono::steady_clock::now();
  const bool never =
      at_most > std::chrono::duration_cast<std::chrono::microseconds>(Until::kNever - now);
  return never ? Until::kNever : now + at_most;
}

}  // namespace mplane::detail
