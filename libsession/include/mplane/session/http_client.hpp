#pragma once

#include "mplane/session/http.hpp"
#include "mplane/session/tls.hpp"
#include "mplane/session/url.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mplane {

struct HttpClientOptions {
  std::optional<TlsContext> tls = {};         ///< required for https URLs
  std::chrono::milliseconds connect{5'000};   ///< to connect, TLS handshake included
  std::chrono::milliseconds read{30'000};     ///< without a byte of the answer; more for held polls
  std::chrono::milliseconds write{30'000};    ///< without a byte of the request taken
  std::size_t body_bytes = 64 * 1024 * 1024;  ///< of one answer; more is Error{TooLarge}
};

/// What a peer answered. A value.
struct HttpReply {
  int status = 0;
  std::string content_type;
  std::string body;
  std::string location;     ///< of a redirection
  std::string retry_after;  ///< of 429 and 503
  Identity peer;            ///< from its certificate; the unauthenticated one without TLS
};

/// The blocking HTTP(S) client of one peer, on one connection that is kept. A resource; one thread
/// at a time, but for cancel().
///
/// A reply of any status is returned; Error{Unreachable} says why the peer could not be reached
/// (name not found, refused, certificate not trusted, our certificate refused, …), Error{TimedOut}
/// that it did not answer in time. A request on a kept connection that the peer has closed
/// meanwhile is sent once more on a new one: mPlane's messages bear repetition.
class HttpClient {
 public:
  /// Nothing is sent yet. Only the peer (scheme, host, port) of `base` counts. Throws
  /// Error{Configuration} for an https URL without `options.tls`.
  explicit HttpClient(const Url& base, HttpClientOptions options = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// `path` begins with "/" and may have a query (Url::path).
  HttpReply get(const std::string& path, std::string_view accept = kMediaType);
  HttpReply post(const std::string& path, std::string_view content_type, std::string body,
                 std::string_view accept = kMediaType);

  /// Speaks to this peer alone: a handshake with another fails before anything is sent. Without TLS
  /// nobody can tell.
  void expect(Identity peer);
  /// Whether the last request may have reached the peer, however it ended.
  bool may_have_arrived() const noexcept;

  /// Has requests made from now on end by then or fail with Error{TimedOut}, the time to connect
  /// included; time_point::max() is never. A peer that stalls more than once, in connecting, taking
  /// and answering, can hold one longer: each wait is as long as was left when the request began.
  void finish_by(std::chrono::steady_clock::time_point deadline);

  /// Lets a request that is under way, and all later ones, fail with Error{Unavailable} at once.
  /// Thread-safe.
  void cancel();

  const Url& base() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane
