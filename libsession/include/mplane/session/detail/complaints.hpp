#pragma once

#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/log.hpp"
#include "mplane/session/detail/log_throttle.hpp"
#include "mplane/session/identity.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace mplane::detail {

/// What is wrong with peers' requests, on its way into the log: only so often for each peer, so
/// that none fills the disk and none hides another, and never more than so much of a text that came
/// from it. Thread-safe.
class Complaints {
 public:
  using Clock = LogThrottle::Clock;

  static constexpr std::size_t kPeers = 1024;       ///< with an allowance of their own
  static constexpr std::size_t kLongestText = 512;  ///< bytes of a field

  explicit Complaints(LogSink sink) : sink_(std::move(sink)) {}

  void add(const Identity& peer, LogRecord record, Clock::time_point now = Clock::now());

 private:
  std::shared_ptr<LogThrottle> allowance_of(const Identity& peer, Clock::time_point now);

  const LogSink sink_;
  Mutex mutex_;
  /// Shared, since one may be forgotten while it is asked.
  std::map<Identity, std::shared_ptr<LogThrottle>> by_peer_ MPLANE_GUARDED_BY(mutex_);
  /// Of all who come while there are too many peers to tell apart.
  const std::shared_ptr<LogThrottle> others_ = std::make_shared<LogThrottle>();
};

}  // namespace mplane::detail
