#pragma once

#include "mplane/model/specification.hpp"
#include "mplane/model/time.hpp"

#include <chrono>
#include <optional>

namespace mplane::detail {

/// When to ask for a result again: after 100 ms, 200 ms, … 5 s; where the result is expected at a
/// certain time, right then, and after that as patiently as from the beginning. A value; knows no
/// clock.
class Patience {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  static constexpr Duration kShortest = std::chrono::milliseconds(100);
  static constexpr Duration kLongest = std::chrono::seconds(5);

  explicit Patience(TimePoint now, std::optional<TimePoint> expected = {},
                    Duration longest = kLongest);

  /// When to ask next.
  TimePoint next() const noexcept { return next_; }
  /// It was asked now, in vain.
  void asked(TimePoint now);

 private:
  std::optional<TimePoint> expected_;
  Duration longest_;
  Duration delay_ = kShortest;
  TimePoint next_;
};

/// For the result of a specification that was sent now: it is expected when its scope ends, a
/// repeated one's in every period. Without one there is nothing to expect.
Patience patience_for(const std::optional<Specification>& asked);

}  // namespace mplane::detail
