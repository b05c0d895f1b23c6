#pragma once

#include "mplane/session/pki.hpp"
#include "mplane/session/url.hpp"

#include <filesystem>
#include <memory>
#include <string>

#include <openssl/ssl.h>

namespace mplane {

struct SslFreer {
  void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using SslPtr = std::unique_ptr<SSL, SslFreer>;

/// Makes the client's side of TLS connections to one supervisor: one trust, many certificates. One
/// thread at a time.
class TlsDialer {
 public:
  /// @throws Error{Configuration} naming the file of authorities that cannot be used.
  TlsDialer(const std::filesystem::path& ca, Url supervisor);

  /// A connection over a connected, non-blocking descriptor that shows this certificate and insists
  /// on the supervisor's name. Its handshake is still to be made.
  SslPtr dial(int descriptor, const pki::Credential& credential) const;

 private:
  Url supervisor_;
  std::unique_ptr<SSL_CTX, SslFreer> context_;
};

}  // namespace mplane
