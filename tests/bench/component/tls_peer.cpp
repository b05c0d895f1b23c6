#include "tls_peer.hpp"

#include <array>
#include <charconv>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace bench {

TlsClient::TlsClient(const mplane::TlsOptions& files) : context_(SSL_CTX_new(TLS_client_method())) {
  SSL_CTX_use_certificate_chain_file(context_, files.cert.c_str());
  SSL_CTX_use_PrivateKey_file(context_, files.key.c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_load_verify_file(context_, files.ca.c_str());
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context_,
                                 SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_set_app_data(context_, this);
  SSL_CTX_sess_set_new_cb(context_, keep);
}

TlsClient::~TlsClient() {
  SSL_SESSION_free(session_);
  SSL_CTX_free(context_);
}

int TlsClient::keep(SSL* const ssl, SSL_SESSION* const session) {
  auto* const self = static_cast<TlsClient*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  SSL_SESSION_free(self->session_);
  self->session_ = session;
  return 1;  // it is ours now
}

TlsPeer::TlsPeer(const TlsClient& client, const std::uint16_t port, const bool resume) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket_);
    throw std::runtime_error("cannot connect");
  }
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ssl_ = SSL_new(client.context());
  SSL_set_fd(ssl_, socket_);
  if (resume && client.session() != nullptr) SSL_set_session(ssl_, client.session());
  if (SSL_connect(ssl_) != 1) {
    SSL_free(ssl_);
    ::close(socket_);
    throw std::runtime_error("the handshake failed");
  }
}

TlsPeer::~TlsPeer() {
  SSL_shutdown(ssl_);
  SSL_free(ssl_);
  ::close(socket_);
}

void TlsPeer::write(const std::string_view bytes) {
  if (SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) <= 0) {
    throw std::runtime_error("nothing can be sent");
  }
}

std::string_view TlsPeer::read() {
  constexpr std::string_view kLength = "Content-Length: ";
  received_.clear();
  std::array<char, 16 * 1024> chunk{};
  for (;;) {
    const int bytes = SSL_read(ssl_, chunk.data(), static_cast<int>(chunk.size()));
    if (bytes <= 0) throw std::runtime_error("the connection was closed");
    received_.append(chunk.data(), static_cast<std::size_t>(bytes));
    const std::size_t end = received_.find("\r\n\r\n");
    const std::size_t length = received_.find(kLength);
    if (end == std::string::npos || length == std::string::npos) continue;
    std::size_t body = 0;
    const char* const number = received_.data() + length + kLength.size();
    std::from_chars(number, received_.data() + end, body);
    if (received_.size() >= end + 4 + body) return std::string_view(received_).substr(end + 4);
  }
}

std::string post(const std::string_view body, const std::string_view path) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-mplane+json\r\n"
         "Content-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace bench
