#pragma once

#include "mplane/model/error.hpp"
#include "mplane/session/identity.hpp"

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mplane {

/// The media type of mPlane messages, without parameters (protocol, section 7).
inline constexpr std::string_view kMediaType = "application/x-mplane+json";

/// Is this Content-Type ours, whatever its case and parameters ("; charset=utf-8")?
bool is_mplane_media_type(std::string_view content_type);

/// Does this Accept header ask for our media type by name? `*/*` does not.
bool accepts_mplane_media_type(std::string_view accept);

/// One request as a Listener hands it to its handler. A value.
struct HttpRequest {
  std::string method;        ///< "GET", "HEAD", "POST", or any other token
  std::string path;          ///< begins with "/", without the query, not percent-decoded
  std::string query;         ///< what follows "?", may be empty
  std::string content_type;  ///< empty when the header is absent, as is `accept`
  std::string accept;
  std::string body;
  Identity peer;       ///< from its certificate; the unauthenticated one without TLS
  std::string remote;  ///< its address, for the log: "192.0.2.1:4711"
  /// Stop is requested, on the connection's loop, when the peer closes or is lost. It can still
  /// read an answer if it closed only its sending half.
  std::stop_token gone = {};
};

/// One answer. A value. Content-Length, Date and Connection are added by the Listener.
struct HttpResponse {
  int status = 200;
  std::string content_type = {};
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers =
      {};  ///< more headers: {"Allow", "GET"}
};

/// The right to answer one request, once, from any thread, now or later. Move-only; one thread at a
/// time. Destroyed unanswered it has the request answered 500, so that no peer waits for ever.
class Responder {
 public:
  /// Takes the answer, or nothing when the responder ended without one. Called exactly once, on the
  /// thread that answers; it must not throw. (The Listener makes these; a test makes its own.)
  using Send = std::function<void(std::optional<HttpResponse>)>;

  explicit Responder(Send send) : send_(std::move(send)) {}
  Responder(Responder&& other) noexcept : send_(std::exchange(other.send_, nullptr)) {}
  Responder& operator=(Responder&& other) noexcept;
  ~Responder();
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;

  /// Answers. A second call does nothing: the first answer counts.
  void send(HttpResponse response);

 private:
  Send send_;  ///< empty once answered or moved from
};

/// Serves one request. Called on the connection's event loop, so it must not block: what takes long
/// keeps the responder and answers later. What it throws becomes an error page.
using HttpHandler = std::function<void(HttpRequest, Responder)>;

/// Writes the answer for what went wrong before or in a handler; `error.kind()` chooses the status.
using ErrorPage = std::function<HttpResponse(const Error&)>;

/// The status of the error's kind, its message as text/plain.
HttpResponse plain_error_page(const Error& error);

}  // namespace mplane
