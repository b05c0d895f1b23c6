#pragma once

#include "mplane/model/detail/mutex.hpp"
#include "mplane/scheduler/journal.hpp"

#include <functional>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace mplane::detail {

/// What a process before us had accepted, until what it is for is offered again. A composition that
/// had asked components already waits longer, for these to come back: at its first offer one of
/// them would be all there is. A resource; thread-safe.
class Recovery {
 public:
  /// Goes on with one that is offered; called by `offered`.
  using Restore = std::function<void(const JobRecord&)>;

  /// @param compositions their labels.
  /// @param settled called once, from a thread of our own, when nothing waits for components any
  /// more: it says again what is `offered` then.
  Recovery(std::set<std::string> compositions, Restore restore, std::function<void()> settled);

  /// Before `start`.
  void add(const JobRecord& record) MPLANE_EXCLUDES(mutex_);
  /// Components may come back from now on. @param patience with them.
  void start(Duration patience) MPLANE_EXCLUDES(mutex_);
  /// Does not wait for them any longer, nor settle. Idempotent.
  void stop();
  /// A capability of that label is offered, and stays so until this returns.
  void offered(const std::string& label) MPLANE_EXCLUDES(mutex_);

 private:
  bool waits(const JobRecord& record) const MPLANE_REQUIRES(mutex_);
  bool has_waiting() const MPLANE_EXCLUDES(mutex_);
  std::vector<JobRecord> extract(const std::string& label) MPLANE_EXCLUDES(mutex_);
  void settle(Duration patience, const std::stop_token& stop) MPLANE_EXCLUDES(mutex_);

  const std::set<std::string> compositions_;
  const Restore restore_;
  const std::function<void()> settled_;
  mutable Mutex mutex_;
  std::map<std::string, std::vector<JobRecord>> records_ MPLANE_GUARDED_BY(mutex_);  // by label
  bool is_settled_ MPLANE_GUARDED_BY(mutex_) = false;
  std::jthread settler_;  // first to go; only while something waits
};

}  // namespace mplane::detail
