#pragma once

#include "courier.hpp"
#include "mplane/model/detail/mutex.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace mplane::detail {

/// The couriers of a component, one for each peer that it posts to: supervisors from the beginning,
/// those to whom results are exported when the first one is. Thread-safe.
class Couriers {
 public:
  explicit Couriers(Spool& spool, const Clock& clock, LogSink log)
      : spool_(spool), clock_(clock), log_(std::move(log)) {}

  /// The courier for the queue in the options; made unless there is one.
  Courier& add(Courier::Options options) MPLANE_EXCLUDES(mutex_);
  /// The courier for a queue, or null.
  Courier* find(std::string_view queue) const MPLANE_EXCLUDES(mutex_);

  /// Has all of them work, also those to come.
  void start() MPLANE_EXCLUDES(mutex_);
  void use(const TlsContext& tls) MPLANE_EXCLUDES(mutex_);
  /// Gives them so long to send what there is, then ends them, for good.
  void stop(std::chrono::milliseconds at_most) MPLANE_EXCLUDES(mutex_);

 private:
  std::vector<Courier*> all() const MPLANE_EXCLUDES(mutex_);

  Spool& spool_;
  const Clock& clock_;
  const LogSink log_;
  mutable Mutex mutex_;
  std::map<std::string, std::unique_ptr<Courier>, std::less<>> couriers_ MPLANE_GUARDED_BY(mutex_);
  bool started_ MPLANE_GUARDED_BY(mutex_) = false;
};

}  // namespace mplane::detail
