#pragma once

#include "mplane/probe/engine.hpp"
#include "mplane/probe/file_descriptor.hpp"

#include <optional>

namespace mplane::detail {

/// The one timerfd of an engine: becomes readable at an absolute time. (Time-outs of epoll_wait
/// count in milliseconds and wake half of one late.) One thread at a time.
class Alarm {
 public:
  /// @throws Error{Unavailable} when the system has no descriptor left.
  Alarm();

  /// Rings at `when`, or not at all. Costs a system call only if that has changed.
  void set(std::optional<SteadyTime> when) noexcept;
  /// Answers a ring.
  void acknowledge() noexcept;

  int descriptor() const noexcept { return timer_.number(); }

 private:
  const FileDescriptor timer_;
  std::optional<SteadyTime> set_;
};

}  // namespace mplane::detail
