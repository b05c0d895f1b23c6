#pragma once

#include "mplane/session/tls.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

namespace bench {

/// What many peers share: one client's certificate, and the last session that was offered.
class TlsClient {
 public:
  explicit TlsClient(const mplane::TlsOptions& files);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  SSL_CTX* context() const noexcept { return context_; }
  /// The session to resume; null when none was offered.
  SSL_SESSION* session() const noexcept { return session_; }

 private:
  static int keep(SSL* ssl, SSL_SESSION* session);

  SSL_CTX* context_;
  SSL_SESSION* session_ = nullptr;
};

/// A peer on a connection of its own that does as little as can be done: blocking, no parser. One
/// thread at a time. @throws std::runtime_error when something fails.
class TlsPeer {
 public:
  /// Connects to 127.0.0.1 and finishes the handshake. @param resume the client's last session.
  TlsPeer(const TlsClient& client, std::uint16_t port, bool resume = false);
  ~TlsPeer();
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;

  void write(std::string_view bytes);
  /// One whole response. @return its body.
  std::string_view read();
  /// Readable when there is something to read.
  int descriptor() const noexcept { return socket_; }
  bool is_resumed() const { return SSL_session_reused(ssl_) == 1; }

 private:
  int socket_ = -1;
  SSL* ssl_ = nullptr;
  std::string received_;
};

/// "POST / HTTP/1.1 …", or to another path, with this body.
std::string post(std::string_view body, std::string_view path = "/");

}  // namespace bench
