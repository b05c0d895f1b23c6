#pragma once

#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/log.hpp"
#include "mplane/model/time.hpp"
#include "mplane/scheduler/clock.hpp"
#include "mplane/session/tls.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace mplane {

/// Has the log warn, once a day, of certificates and revocation lists that end within 30 days or
/// have ended. Thread-safe; the clock outlives it.
class CertificateWatch {
 public:
  CertificateWatch(const Clock& clock, LogSink log) : clock_(clock), log_(std::move(log)) {}

  /// These are used from now on. Whoever read them has warned of them already: the next warning is
  /// a day away.
  void use(std::optional<TlsContext> tls);
  /// To be called now and then: warns when a day has passed since the last time.
  void look();
  /// What ends of those in use.
  std::vector<TlsEnding> endings() const;

 private:
  const Clock& clock_;
  const LogSink log_;
  mutable detail::Mutex mutex_;
  std::optional<TlsContext> tls_ MPLANE_GUARDED_BY(mutex_);
  Instant looked_ MPLANE_GUARDED_BY(mutex_) = {};
};

}  // namespace mplane
