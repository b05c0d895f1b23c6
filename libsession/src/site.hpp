#pragma once

#include "mplane/model/detail/mutex.hpp"
#include "mplane/session/listener.hpp"

#include <atomic>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mplane::detail {

/// What all loops and connections of a listener share. Thread-safe: constant but for the counters
/// and the certificates.
class Site {
 public:
  Site(const ListenerOptions& options, HttpHandler serve)
      : limits(options.limits),
        error_page(options.error_page),
        sink(options.log),
        handler(std::move(serve)),
        tls_(options.tls) {}

  void log(Severity severity, std::string message, std::vector<LogRecord::Field> fields) const {
    if (sink) sink({severity, "listener", std::move(message), std::move(fields)});
  }

  /// The certificates for new connections; nothing without TLS.
  std::optional<TlsContext> tls() const {
    Lock lock(mutex_);
    return tls_;
  }
  void use(TlsContext tls) {
    Lock lock(mutex_);
    tls_ = std::move(tls);
  }

  const ListenerLimits limits;
  const ErrorPage error_page;
  const LogSink sink;
  const HttpHandler handler;
  std::atomic<std::size_t> open{0};         ///< connections
  std::atomic<std::size_t> established{0};  ///< those past their handshake

 private:
  mutable Mutex mutex_;
  std::optional<TlsContext> tls_ MPLANE_GUARDED_BY(mutex_);
};

}  // namespace mplane::detail
