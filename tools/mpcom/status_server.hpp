#pragma once

#include "health.hpp"
#include "mplane/session/listener.hpp"
#include "mplane/session/url.hpp"

namespace mplane {

/// Tells operators how a component fares, at an address of its own and over plain HTTP, for it is
/// meant to be local. A resource; serves from construction on; the health outlives it.
///
///     GET /health   200 and {"status":"ok"}, or 503 and what is wrong
///     GET /metrics  in OpenMetrics' text form
class StatusServer {
 public:
  /// @throws Error{Configuration} when it cannot listen there. Warns of an address that is not
  /// local.
  StatusServer(const HostPort& at, const Health& health, const LogSink& log);
  ~StatusServer() = default;
  StatusServer(const StatusServer&) = delete;
  StatusServer& operator=(const StatusServer&) = delete;

 private:
  HttpResponse tell_health() const;
  HttpResponse tell_metrics() const;

  const Health& health_;
  Listener listener_;
};

}  // namespace mplane
