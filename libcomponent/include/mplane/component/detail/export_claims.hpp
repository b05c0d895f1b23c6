#pragma once

#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/scheduler/scheduler.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <utility>

namespace mplane::detail {

/// Where the results of accepted specifications go. A default token says nothing of an export
/// (protocol, section 6), so that the same one may come again with another, of which nobody would
/// ever hear. Thread-safe. In the flow: before the scheduler, which knows which jobs there are.
class ExportClaims {
 public:
  /// The scheduler outlives them.
  explicit ExportClaims(const Scheduler& scheduler) : scheduler_(scheduler) {}

  /// Before such a specification with an `export` is submitted.
  /// @throws Error{Refused} when it has been accepted with another one, or without.
  void begin(const Owner& owner, const Specification& specification) MPLANE_EXCLUDES(mutex_);
  /// After each `begin` that did not throw: it was submitted, whatever came of it.
  void end(const Owner& owner, const Specification& specification) MPLANE_EXCLUDES(mutex_);
  /// One that a process before us accepted.
  void restore(const Owner& owner, const Specification& specification) MPLANE_EXCLUDES(mutex_);

 private:
  using Job = std::pair<Owner, std::string>;  // and its token
  struct Claim {
    std::string url;
    std::size_t under_way = 0;  // submissions
  };

  bool is_there(const Job& job, bool even_over) const;
  void forget_old() MPLANE_REQUIRES(mutex_);

  const Scheduler& scheduler_;
  Mutex mutex_;
  std::map<Job, Claim> claims_ MPLANE_GUARDED_BY(mutex_);
  std::size_t many_ MPLANE_GUARDED_BY(mutex_) = 1024;  // when it is time to look for old ones
};

}  // namespace mplane::detail
