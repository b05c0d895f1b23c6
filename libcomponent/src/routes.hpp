#pragma once

#include "callback_gate.hpp"
#include "mplane/component/detail/rate_limit.hpp"
#include "mplane/component/detail/refusal_counts.hpp"
#include "mplane/component/dispatcher.hpp"
#include "mplane/component/options.hpp"
#include "mplane/session/detail/complaints.hpp"
#include "mplane/session/http.hpp"
#include "mplane/session/router.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mplane::detail {

class Collectors;

/// The answer to what is wrong with a request: an exception message, and the status of its kind.
HttpResponse exception_page(const Error& error);

inline constexpr std::string_view kSpecificationPath = "/specification";  ///< beside "/"
inline constexpr std::string_view kPlanPath = "/plan";

/// The HTTP side of a dispatcher (protocol, section 7): which path and method mean what, and how
/// replies look. Thread-safe; the dispatcher outlives it.
///
///     GET  /                      a page for people
///     GET  /capability            a page of links; with our media type accepted, an envelope
///     GET  /capabilities          an envelope
///     GET  /capability/<token>    that capability, or its withdrawal
///     POST / and /specification   any message
///     POST /plan                  a specification, to be told what would become of it
///     POST elsewhere              results, below the link of a capability that collects them
class Routes {
 public:
  /// @param collectors null: no results are taken.
  Routes(Dispatcher& dispatcher, const ComponentOptions& options, Collectors* collectors = nullptr);
  ~Routes() { gate_.close(); }
  Routes(const Routes&) = delete;
  Routes& operator=(const Routes&) = delete;

  /// Serves one request.
  void operator()(HttpRequest request, Responder responder) const;

  /// The requests refused so far that never became messages.
  const RefusalCounts& refusals() const noexcept { return refusals_.counts; }

 private:
  using Answer = HttpResponse (Routes::*)(const HttpRequest&) const;

  /// What is refused is counted, and the log told. Thread-safe.
  struct Refusals {
    explicit Refusals(LogSink log) : complaints(std::move(log)) {}
    HttpResponse refuse(const HttpRequest& request, const Error& error,
                        const SessionOptions& session);

    RefusalCounts counts;
    Complaints complaints;
  };

  void on(std::string method, std::string path, Answer answer);
  void on_post(std::string path);
  void post(const HttpRequest& request, Responder responder) const;
  HttpResponse plan(const HttpRequest& request) const;
  Message read(const HttpRequest& request) const;
  void collect(HttpRequest request, Responder responder) const;
  HttpResponse front(const HttpRequest& request) const;
  HttpResponse capability_list(const HttpRequest& request) const;
  HttpResponse capability_envelope(const HttpRequest& request) const;
  HttpResponse capability(const HttpRequest& request) const;

  const SessionOptions& session_with(const Identity& peer) const;
  HttpResponse too_many(const HttpRequest& request, const Message& message, const RateLimit& limit,
                        const std::string& of) const;
  HttpResponse refusal(const HttpRequest& request, const Error& error) const {
    return refusals_.refuse(request, error, session_with(request.peer));
  }

  Dispatcher& dispatcher_;
  Collectors* const collectors_;
  const Registry registry_;
  const SessionOptions session_;
  const std::vector<PeerSession> peers_;
  const LogSink log_;
  mutable Refusals refusals_;
  mutable RateLimit redemptions_;
  mutable RateLimit plans_;
  Router router_;
  CallbackGate gate_;  // for collectors, which may answer when we are gone
};

}  // namespace mplane::detail
