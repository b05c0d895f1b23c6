#include "support/raw_peer.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <csignal>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace mplane::test {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPatience{10'000};

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket);
    throw std::runtime_error("nobody listens on port " + std::to_string(port));
  }
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const timeval patience{std::chrono::duration_cast<std::chrono::seconds>(kPatience).count(), 0};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  return socket;
}

std::string tls_reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  std::string text = reason == nullptr ? "closed" : reason;
  ERR_clear_error();
  return text;
}

std::optional<std::size_t> content_length(std::string_view head) {
  constexpr std::string_view kName = "Content-Length: ";
  const std::size_t at = head.find(kName);
  if (at == std::string_view::npos) return std::nullopt;
  std::size_t length = 0;
  std::from_chars(head.data() + at + kName.size(), head.data() + head.size(), length);
  return length;
}

}  // namespace

struct RawPeer::Tls {
  explicit Tls(int socket, const TlsOptions& files, Protocol protocol)
      : context(SSL_CTX_new(TLS_client_method())) {
    // The peer's certificate is not looked at: that is what real clients are tested for.
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_security_level(context, 0);
    if (!files.cert.empty()) {
      SSL_CTX_use_certificate_chain_file(context, files.cert.c_str());
      SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM);
    }
    constexpr std::array<int, 4> kVersions{0, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};
    const int version = kVersions.at(static_cast<std::size_t>(protocol));
    SSL_CTX_set_min_proto_version(context, version);
    SSL_CTX_set_max_proto_version(context, version);
    ssl = SSL_new(context);
    SSL_set_fd(ssl, socket);
  }
  ~Tls() {
    SSL_free(ssl);
    SSL_CTX_free(context);
  }
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;

  SSL_CTX* context = nullptr;
  SSL* ssl = nullptr;
};

RawPeer::RawPeer(std::uint16_t port) : socket_(connect_to(port)) { std::signal(SIGPIPE, SIG_IGN); }

RawPeer::RawPeer(std::uint16_t port, const TlsOptions& files, Protocol protocol) : RawPeer(port) {
  ERR_clear_error();
  tls_ = std::make_unique<Tls>(socket_, files, protocol);
  if (SSL_connect(tls_->ssl) != 1) tls_failure_ = tls_reason();
}

RawPeer::RawPeer(std::uint16_t port, const TlsOptions& files, Protocol protocol,
                 const RawPeer& before)
    : RawPeer(port) {
  ERR_clear_error();
  tls_ = std::make_unique<Tls>(socket_, files, protocol);
  SSL_SESSION* const session = SSL_get1_session(before.tls_->ssl);
  SSL_set_session(tls_->ssl, session);
  SSL_SESSION_free(session);
  if (SSL_connect(tls_->ssl) != 1) tls_failure_ = tls_reason();
}

RawPeer::~RawPeer() { close(); }

bool RawPeer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    ERR_clear_error();
    const auto sent = tls_ ? SSL_write(tls_->ssl, bytes.data(), static_cast<int>(bytes.size()))
                           : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool RawPeer::send_beneath(std::string_view bytes) {
  return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0;
}

bool RawPeer::fill() {
  std::array<char, 16 * 1024> chunk{};
  ERR_clear_error();
  const auto size = tls_ ? SSL_read(tls_->ssl, chunk.data(), static_cast<int>(chunk.size()))
                         : ::recv(socket_, chunk.data(), chunk.size(), 0);
  if (size <= 0) {
    const bool clean = !tls_ || SSL_get_error(tls_->ssl, static_cast<int>(size)) != SSL_ERROR_SSL;
    if (!clean && tls_failure_.empty()) tls_failure_ = tls_reason();
    return false;
  }
  received_.append(chunk.data(), static_cast<std::size_t>(size));
  return true;
}

std::string RawPeer::read_head() {
  std::size_t end = std::string::npos;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos && fill()) {
  }
  if (end != std::string::npos) end += 4;
  std::string head = received_.substr(0, end);
  received_.erase(0, end);
  return head;
}

std::string RawPeer::read_response() {
  std::string response = read_head();
  const std::size_t length = content_length(response).value_or(0);
  while (received_.size() < length && fill()) {
  }
  const std::size_t size = std::min(length, received_.size());
  response += received_.substr(0, size);
  received_.erase(0, size);
  return response;
}

std::string RawPeer::read_all() {
  while (fill()) {
  }
  return std::exchange(received_, {});
}

bool RawPeer::is_closed(milliseconds at_most) {
  pollfd waiting{socket_, POLLIN, 0};
  const auto end = std::chrono::steady_clock::now() + at_most;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<milliseconds>(end - std::chrono::steady_clock::now());
    if (left < milliseconds(0) || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) {
      return false;
    }
    if (!fill()) return true;
  }
}

void RawPeer::finish() { ::shutdown(socket_, SHUT_WR); }

void RawPeer::close(bool abruptly) {
  if (socket_ < 0) return;
  if (abruptly) {
    const linger reset{1, 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  } else if (tls_ && tls_failure_.empty()) {
    SSL_shutdown(tls_->ssl);
  }
  ::close(socket_);
  socket_ = -1;
}

bool RawPeer::is_resumed() const { return tls_ && SSL_session_reused(tls_->ssl) == 1; }

std::string post_request(std::string_view body, std::string_view path) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

int status_of(std::string_view response) {
  int status = 0;
  constexpr std::string_view kStart = "HTTP/1.1 ";
  if (response.substr(0, kStart.size()) == kStart) {
    std::from_chars(response.data() + kStart.size(), response.data() + response.size(), status);
  }
  return status;
}

std::string body_of(std::string_view response) {
  const std::size_t end = response.find("\r\n\r\n");
  return end == std::string_view::npos ? std::string() : std::string(response.substr(end + 4));
}

}  // namespace mplane::test
