#pragma once

#include "mplane/model/log.hpp"
#include "mplane/session/http.hpp"
#include "mplane/session/tls.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace mplane {

/// What one peer, or all together, may take of a Listener. What is over is answered 413, 429 or 503
/// with an error page that names the limit, or, before a request can be read, closed and logged.
struct ListenerLimits {
  std::size_t connections = 10'000;              ///< open at once; more are answered 503
  std::size_t connections_per_identity = 1'000;  ///< more are answered 429; not without TLS
  std::size_t handshakes = 512;          ///< TLS handshakes unfinished at once; more are closed
  std::size_t header_bytes = 16 * 1024;  ///< request line and headers together
  std::size_t body_bytes = 16 * 1024 * 1024;    ///< of one request, however it is framed
  std::chrono::milliseconds handshake{10'000};  ///< to finish the TLS handshake
  std::chrono::milliseconds header{10'000};     ///< from a request's first byte to its last header
  std::chrono::milliseconds body{120'000};      ///< from there to the body's last byte
  std::chrono::milliseconds idle{300'000};      ///< between requests
  std::chrono::milliseconds write{60'000};      ///< for the peer to take an answer
  std::chrono::milliseconds drain{4'000};       ///< for answers in flight once stop() was called
};

struct ListenerOptions {
  std::string address = "127.0.0.1";   ///< address or name to bind; "::" is all, IPv4 included
  std::uint16_t port = 0;              ///< 0: any free one, see Listener::port
  std::optional<TlsContext> tls = {};  ///< required unless `insecure`
  bool insecure = false;               ///< plain HTTP; warned of in the log
  unsigned threads = 1;                ///< event loops
  ListenerLimits limits = {};
  ErrorPage error_page = plain_error_page;
  LogSink log = {};
};

/// What happened at a listener since it was made, for metrics. A value.
struct ListenerCounts {
  std::size_t open = 0;                       ///< connections now
  std::uint64_t accepted = 0;                 ///< connections
  std::uint64_t handshakes_refused = 0;       ///< failed, not in time, or too many
  std::uint64_t turned_away = 0;              ///< connections over a limit
  std::map<int, std::uint64_t> answers = {};  ///< by HTTP status
};

/// The HTTPS server. A resource; thread-safe. It takes connections, knows each peer by its
/// certificate, reads requests and gives them to the one handler; the answers go back in order.
/// Refused peers are logged with address, subject as far as known, and reason.
///
/// The constructor binds, so `port()` is known and peers queue from then on; `start()` serves. It
/// owns `threads` threads, on which the handler is called.
class Listener {
 public:
  /// Throws Error{Configuration} when the address cannot be bound (it says why) or when neither
  /// `tls` with a certificate nor `insecure` was given.
  Listener(const ListenerOptions& options, HttpHandler handler);
  /// Stops. Must not run on a thread of this listener.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// Begins to serve; returns at once. Does nothing when already serving or already stopped: a stop
  /// that comes first is not lost.
  void start();

  /// Takes no more connections, closes idle ones, lets answers in flight finish for up to
  /// `limits.drain`, then closes the rest. Returns when all is closed, except when called by the
  /// handler: then at once. Idempotent, for good.
  void stop();

  /// The port that is bound.
  std::uint16_t port() const noexcept;

  /// Certificates for connections made from now on; those that are open stay, but for peers that
  /// are not believed any more: their next request is answered 403 and the last one. Throws
  /// Error{Configuration} when the context has no certificate or the listener is insecure.
  void use(TlsContext tls);

  /// Connections open now, for metrics and tests.
  std::size_t connections() const noexcept;
  ListenerCounts counts() const;

  /// Whether all event loops come round within that time. Must not run on a thread of this
  /// listener; false of one that does not serve.
  bool turns_within(std::chrono::milliseconds at_most) const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane
