#pragma once

#include "mplane/model/detail/mutex.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <vector>

namespace mplane::detail {

/// Which of several supervisors are served: those of the lowest priority number of which one at
/// least is not known to be gone. Thread-safe.
class Ranks {
 public:
  explicit Ranks(std::vector<unsigned> priorities)
      : priorities_(std::move(priorities)), gone_(priorities_.size(), false) {}

  /// Notes whether one is gone. @return whether that changed who is served.
  bool report(const std::size_t which, const bool gone) MPLANE_EXCLUDES(mutex_) {
    const Lock lock(mutex_);
    const unsigned before = served();
    gone_[which] = gone;
    return served() != before;
  }

  /// Whether one is served now.
  bool serves(const std::size_t which) const MPLANE_EXCLUDES(mutex_) {
    const Lock lock(mutex_);
    return priorities_[which] <= served();
  }

 private:
  /// The priority down to which they are served: all if all are gone, to find who comes back first.
  unsigned served() const MPLANE_REQUIRES(mutex_) {
    unsigned lowest = *std::max_element(priorities_.begin(), priorities_.end());
    for (std::size_t i = 0; i < priorities_.size(); ++i) {
      if (!gone_[i]) lowest = std::min(lowest, priorities_[i]);
    }
    return lowest;
  }

  const std::vector<unsigned> priorities_;
  mutable Mutex mutex_;
  std::vector<bool> gone_ MPLANE_GUARDED_BY(mutex_);
};

}  // namespace mplane::detail
