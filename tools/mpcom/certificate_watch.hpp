#pragma once

#include "mplane/model/log.hpp"
#include "mplane/model/time.hpp"
#include "mplane/scheduler/clock.hpp"
#include "mplane/session/tls.hpp"

#include <optional>

namespace mplane {

/// Has the log warn, once a day, of certificates and revocation lists that end within 30 days or
/// have ended. One thread at a time; the clock outlives it.
class CertificateWatch {
 public:
  CertificateWatch(const Clock& clock, LogSink log) : clock_(clock), log_(std::move(log)) {}

  /// These are used from now on. Whoever read them has warned of them already: the next warning is
  /// a day away.
  void use(std::optional<TlsContext> tls);
  /// To be called now and then: warns when a day has passed since the last time.
  void look();

 private:
  const Clock& clock_;
  const LogSink log_;
  std::optional<TlsContext> tls_;
  Instant looked_ = {};
};

}  // namespace mplane
