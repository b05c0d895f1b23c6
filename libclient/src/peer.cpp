#include "peer.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"

namespace mplane::detail {
namespace {

/// Lists of capabilities rather than pages for people, where there is a choice.
constexpr std::string_view kAccept = "application/x-mplane+json, text/html;q=0.5";

/// A connection that was cancelled is of no use any more; this drops it, whatever happened.
class DropIfStopped {
 public:
  DropIfStopped(std::unique_ptr<HttpClient>& http, std::stop_token stop)
      : http_(http), stop_(std::move(stop)) {}
  ~DropIfStopped() {
    if (stop_.stop_requested()) http_.reset();
  }
  DropIfStopped(const DropIfStopped&) = delete;
  DropIfStopped& operator=(const DropIfStopped&) = delete;

 private:
  std::unique_ptr<HttpClient>& http_;
  const std::stop_token stop_;
};

}  // namespace

Peer::Peer(const Url& url, HttpClientOptions options)
    : base_(url),
      options_(std::move(options)),
      http_(std::make_unique<HttpClient>(base_, options_)) {}

void Peer::expect(const Identity& identity) {
  if (identity_) return;
  identity_ = expected_ = identity;
  if (http_ != nullptr) http_->expect(identity);
}

void Peer::connect() {
  http_ = std::make_unique<HttpClient>(base_, options_);
  if (expected_) http_->expect(*expected_);
}

HttpReply Peer::get(const Url& page, const Until& until) {
  return exchange(page, until, [&](HttpClient& http) { return http.get(page.path(), kAccept); });
}

HttpReply Peer::post(const Url& to, std::string body, const Until& until) {
  return exchange(to, until, [&](HttpClient& http) {
    return http.post(to.path(), kMediaType, std::move(body));
  });
}

HttpReply Peer::exchange(const Url& url, const Until& until,
                         const std::function<HttpReply(HttpClient&)>& send) {
  if (until.stop.stop_requested()) {
    throw Error(ErrorKind::Unavailable, to_string(url), "stopped before it was asked");
  }
  if (!http_) connect();
  http_->finish_by(until.deadline);
  const DropIfStopped drop(http_, until.stop);
  const std::stop_callback cancel(until.stop, [this] { http_->cancel(); });
  HttpReply reply = send(*http_);
  if (!identity_) identity_ = reply.peer;
  if (reply.peer != *identity_) {
    throw Error(ErrorKind::Failed, to_string(url),
                "is " + mplane::quoted(reply.peer.text()) + " now, and was " +
                    mplane::quoted(identity_->text()) +
                    " before; its answers are not taken for the other's");
  }
  return reply;
}

}  // namespace mplane::detail
