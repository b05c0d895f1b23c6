#include "mplane/session/http_client.hpp"

#include "descriptor.hpp"
#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/quoted.hpp"
#include "tls_material.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fcntl.h>
#include <httplib.h>
#include <netdb.h>
#include <optional>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <utility>

#include <openssl/err.h>

namespace mplane {
namespace {

using detail::Descriptor;
using detail::Lock;
using std::chrono::milliseconds;

/// Keeps SIGPIPE from this thread for a while: OpenSSL writes to sockets whose other end may be
/// closed. One that was raised meanwhile is taken away.
class SigpipeGuard {
 public:
  SigpipeGuard() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending{};
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~SigpipeGuard() {
    constexpr timespec kNow{};
    if (!was_pending_) sigtimedwait(&pipe_, nullptr, &kNow);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  SigpipeGuard(const SigpipeGuard&) = delete;
  SigpipeGuard& operator=(const SigpipeGuard&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

/// What OpenSSL had to say first about the exchange, but for the library's own farewell to a
/// handshake that failed.
std::string tls_reason() {
  unsigned long code = 0;
  while ((code = ERR_get_error()) != 0) {
    if (ERR_GET_REASON(code) == SSL_R_SHUTDOWN_WHILE_IN_INIT) continue;
    const char* const reason = ERR_reason_error_string(code);
    ERR_clear_error();
    return reason == nullptr ? "unknown reason" : reason;
  }
  return {};
}

/// Whether an exchange that ended so did not get as far as a connection.
bool is_before_sending(const httplib::Error error) {
  return error == httplib::Error::Connection || error == httplib::Error::ConnectionTimeout ||
         error == httplib::Error::SSLConnection;
}

}  // namespace

class HttpClient::Impl {
 public:
  Impl(const Url& base, HttpClientOptions options);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  HttpReply exchange(const httplib::Request& request);
  void finish_by(std::chrono::steady_clock::time_point deadline) { deadline_ = deadline; }
  void expect(Identity peer) { expected_ = std::move(peer); }
  bool may_have_arrived() const noexcept { return may_have_arrived_; }
  void cancel();
  const Url& base() const noexcept { return base_; }

 private:
  struct Attempt {
    httplib::Result result{nullptr, httplib::Error::Unknown};
    std::string body;
    bool too_large = false;
    bool too_late = false;
    milliseconds read{0};  ///< how long an answer was waited for at most
    milliseconds took{0};
  };

  void set_up_tls();
  void set_up(httplib::ClientImpl& client);
  milliseconds set_timeouts();
  static int verify(X509_STORE_CTX* store, void* self);

  Attempt attempt(const httplib::Request& request);
  [[noreturn]] void explain(const Attempt& attempt) const;
  std::string connection_failure() const;
  HttpReply reply_of(Attempt attempt) const;

  const Url base_;
  const HttpClientOptions options_;
  std::unique_ptr<httplib::ClientImpl> client_;
  Identity peer_;             ///< of the connection that is open
  std::string peer_failure_;  ///< why its certificate is not trusted
  std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::time_point::max();
  unsigned connects_ = 0;  ///< connections so far
  std::optional<Identity> expected_;
  bool may_have_arrived_ = false;  ///< the last request

  std::atomic<bool> cancelled_{false};
  detail::Mutex mutex_;
  Descriptor socket_ MPLANE_GUARDED_BY(mutex_);  ///< a second handle, for cancel() to shut it down
};

HttpClient::Impl::Impl(const Url& base, HttpClientOptions options)
    : base_(base), options_(std::move(options)) {
  if (!base_.is_secure()) {
    client_ = std::make_unique<httplib::ClientImpl>(base_.host(), base_.port());
  } else if (options_.tls) {
    set_up_tls();
  } else {
    throw Error(ErrorKind::Configuration, to_string(base_),
                "the URL asks for TLS, which is not configured");
  }
  set_up(*client_);
}

HttpClient::Impl::~Impl() {
  const SigpipeGuard guard;  // the connection is closed with a word to the peer
  client_.reset();
}

void HttpClient::Impl::set_up_tls() {
  auto client = std::make_unique<httplib::SSLClient>(base_.host(), base_.port(), "", "");
  SSL_CTX* const context = client->ssl_context();
  options_.tls->material().apply(context);
  // OpenSSL checks the host name with the certificate, in the handshake.
  X509_VERIFY_PARAM* const parameters = SSL_CTX_get0_param(context);
  // Only its subject alternative names tell where a peer may be; its subject says who it is.
  X509_VERIFY_PARAM_set_hostflags(
      parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  const bool named = base_.is_address()
                         ? X509_VERIFY_PARAM_set1_ip_asc(parameters, base_.host().c_str()) == 1
                         : X509_VERIFY_PARAM_set1_host(parameters, base_.host().c_str(), 0) == 1;
  if (!named) throw Error(ErrorKind::Internal, base_.host(), "OpenSSL does not take the host name");
  SSL_CTX_set_cert_verify_callback(context, verify, this);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  // Its own verification would believe the system's authorities as well as ours.
  client->enable_server_certificate_verification(false);
  client_ = std::move(client);
}

void HttpClient::Impl::set_up(httplib::ClientImpl& client) {
  client.set_keep_alive(true);
  client.set_tcp_nodelay(true);
  client.set_follow_location(false);
  client.set_url_encode(false);  // a Url is ready to be sent
  client.set_decompress(false);
  client.set_socket_options([this](int socket) {
    ++connects_;
    const int keep_alive = 1;
    setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &keep_alive, sizeof keep_alive);
    Lock lock(mutex_);
    socket_ = Descriptor(fcntl(socket, F_DUPFD_CLOEXEC, 0));
  });
}

int HttpClient::Impl::verify(X509_STORE_CTX* store, void* self) {
  auto& client = *static_cast<Impl*>(self);
  const int verdict = X509_verify_cert(store);
  const X509* const certificate = X509_STORE_CTX_get0_cert(store);
  client.peer_ = Identity(certificate == nullptr ? "" : detail::name_of(certificate));
  if (verdict != 1) {
    client.peer_failure_ = X509_verify_cert_error_string(X509_STORE_CTX_get_error(store));
    return verdict;
  }
  client.peer_failure_ = detail::ambiguity_of(certificate).value_or("");
  if (client.expected_ && client.peer_ != *client.expected_) {
    client.peer_failure_ = "only " + mplane::quoted(client.expected_->text()) + " is believed here";
  }
  if (client.peer_failure_.empty()) return verdict;
  X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
  return 0;
}

/// How long each step of the next attempt may take, so that none outlasts the deadline. @return
/// the time for the answer, none when the deadline has passed.
milliseconds HttpClient::Impl::set_timeouts() {
  const auto left = std::chrono::ceil<milliseconds>(deadline_ - std::chrono::steady_clock::now());
  client_->set_connection_timeout(std::min(options_.connect, left));
  client_->set_read_timeout(std::min(options_.read, left));
  client_->set_write_timeout(std::min(options_.write, left));
  return std::min(options_.read, left);
}

HttpClient::Impl::Attempt HttpClient::Impl::attempt(const httplib::Request& request) {
  Attempt attempt;
  attempt.read = set_timeouts();
  attempt.too_late = attempt.read <= milliseconds(0);
  if (cancelled_ || attempt.too_late) return attempt;
  httplib::Request copy = request;
  copy.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    attempt.too_large = size > options_.body_bytes - attempt.body.size();
    attempt.too_late = std::chrono::steady_clock::now() >= deadline_;
    if (attempt.too_large || attempt.too_late) return false;
    attempt.body.append(data, size);
    return true;
  };
  peer_failure_.clear();
  ERR_clear_error();
  const SigpipeGuard guard;
  const auto begin = std::chrono::steady_clock::now();
  attempt.result = client_->send(copy);
  may_have_arrived_ = may_have_arrived_ || !is_before_sending(attempt.result.error());
  attempt.took = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin);
  return attempt;
}

HttpReply HttpClient::Impl::exchange(const httplib::Request& request) {
  may_have_arrived_ = false;
  const unsigned connects = connects_;
  Attempt first = attempt(request);
  if (first.result) return reply_of(std::move(first));
  const httplib::Error error = first.result.error();
  const bool cut = error == httplib::Error::Read || error == httplib::Error::Write;
  const bool on_kept_connection = connects > 0 && connects == connects_;
  if (!cut || !on_kept_connection || first.took >= first.read || cancelled_) explain(first);
  Attempt second = attempt(request);
  if (!second.result) explain(second);
  return reply_of(std::move(second));
}

HttpReply HttpClient::Impl::reply_of(Attempt attempt) const {
  const httplib::Response& response = attempt.result.value();
  HttpReply reply;
  reply.status = response.status;
  reply.content_type = response.get_header_value("Content-Type");
  reply.location = response.get_header_value("Location");
  reply.retry_after = response.get_header_value("Retry-After");
  reply.body = std::move(attempt.body);
  reply.peer = peer_;
  return reply;
}

void HttpClient::Impl::explain(const Attempt& attempt) const {
  const std::string where = to_string(base_);
  const auto unreachable = [&](const std::string& why) {
    return Error(ErrorKind::Unreachable, where, why);
  };
  if (cancelled_) throw Error(ErrorKind::Unavailable, where, "the request was cancelled");
  if (attempt.too_large) {
    throw Error(ErrorKind::TooLarge, where,
                "the answer is larger than " + std::to_string(options_.body_bytes) + " bytes");
  }
  if (attempt.too_late || std::chrono::steady_clock::now() >= deadline_) {
    throw Error(ErrorKind::TimedOut, where, "no answer in time");
  }
  const std::string tls = tls_reason();
  switch (attempt.result.error()) {
    case httplib::Error::Connection:
      throw unreachable(connection_failure());
    case httplib::Error::ConnectionTimeout:
      throw unreachable("no connection within " + std::to_string(options_.connect.count()) + " ms");
    case httplib::Error::SSLConnection:
      if (!peer_failure_.empty()) {
        throw unreachable("the peer's certificate (" + peer_.text() +
                          ") is not trusted: " + peer_failure_);
      }
      throw unreachable("the TLS handshake failed: " + (tls.empty() ? "no answer in time" : tls));
    case httplib::Error::Read:
      if (attempt.took >= attempt.read) {
        throw Error(ErrorKind::TimedOut, where,
                    "no answer within " + std::to_string(attempt.read.count()) + " ms");
      }
      throw unreachable(tls.empty() ? "the connection was cut before the answer"
                                    : "the peer refused our connection: " + tls);
    case httplib::Error::Write:
      throw unreachable(tls.empty() ? "the connection was cut during the request"
                                    : "the peer refused our connection: " + tls);
    default:
      throw unreachable("the exchange failed: " + httplib::to_string(attempt.result.error()));
  }
}

/// What stood in the way of a connection. The library does not say, so that it is tried again,
/// on the way to the error only.
std::string HttpClient::Impl::connection_failure() const {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int failure =
      getaddrinfo(base_.host().c_str(), std::to_string(base_.port()).c_str(), &hints, &list);
  if (failure != 0) return std::string("the host name is not found: ") + gai_strerror(failure);
  const std::unique_ptr<addrinfo, detail::Freer<freeaddrinfo>> owner(list);
  const Descriptor socket(::socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  int error = 0;
  if (::connect(socket.number(), list->ai_addr, list->ai_addrlen) != 0) error = errno;
  if (error == EINPROGRESS) {
    pollfd waiting{socket.number(), POLLOUT, 0};
    poll(&waiting, 1, static_cast<int>(options_.connect.count()));
    socklen_t size = sizeof error;
    getsockopt(socket.number(), SOL_SOCKET, SO_ERROR, &error, &size);
  }
  return error == 0 ? "no connection" : std::generic_category().message(error);
}

void HttpClient::Impl::cancel() {
  cancelled_ = true;
  {
    Lock lock(mutex_);
    if (socket_.is_open()) ::shutdown(socket_.number(), SHUT_RDWR);
  }
  // A connection that was being made when we looked is met here, once it is there.
  const SigpipeGuard guard;
  client_->stop();
}

HttpClient::HttpClient(const Url& base, HttpClientOptions options)
    : impl_(std::make_unique<Impl>(base, std::move(options))) {}

HttpClient::~HttpClient() = default;

HttpReply HttpClient::get(const std::string& path, std::string_view accept) {
  httplib::Request request;
  request.method = "GET";
  request.path = path;
  request.headers.emplace("Accept", accept);
  return impl_->exchange(request);
}

HttpReply HttpClient::post(const std::string& path, std::string_view content_type, std::string body,
                           std::string_view accept) {
  httplib::Request request;
  request.method = "POST";
  request.path = path;
  request.headers.emplace("Accept", accept);
  request.headers.emplace("Content-Type", content_type);
  request.body = std::move(body);
  return impl_->exchange(request);
}

void HttpClient::finish_by(const std::chrono::steady_clock::time_point deadline) {
  impl_->finish_by(deadline);
}

void HttpClient::cancel() { impl_->cancel(); }

void HttpClient::expect(Identity peer) { impl_->expect(std::move(peer)); }

bool HttpClient::may_have_arrived() const noexcept { return impl_->may_have_arrived(); }

const Url& HttpClient::base() const noexcept { return impl_->base(); }

}  // namespace mplane
