#pragma once

#include "mplane/session/pki.hpp"
#include "mplane/session/url.hpp"

#include <filesystem>
#include <memory>
#include <string>

#include <openssl/ssl.h>

namespace mplane {

struct TlsFreer {
  void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
  void operator()(X509* certificate) const noexcept { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};
using SslPtr = std::unique_ptr<SSL, TlsFreer>;

/// What a component shows: a certificate and its key, read once, for that takes as long as a
/// handshake. A resource; immutable.
class Badge {
 public:
  /// @throws Error{Internal} for what cannot be read.
  explicit Badge(const pki::Credential& credential);

  X509* certificate() const noexcept { return certificate_.get(); }
  EVP_PKEY* key() const noexcept { return key_.get(); }

 private:
  std::unique_ptr<X509, TlsFreer> certificate_;
  std::unique_ptr<EVP_PKEY, TlsFreer> key_;
};

/// Makes the client's side of TLS connections to one supervisor: one trust, many certificates. One
/// thread at a time.
class TlsDialer {
 public:
  /// @throws Error{Configuration} naming the file of authorities that cannot be used.
  TlsDialer(const std::filesystem::path& ca, Url supervisor);

  /// A connection over a connected, non-blocking descriptor that shows this badge and insists on
  /// the supervisor's name. Its handshake is still to be made.
  SslPtr dial(int descriptor, const Badge& badge) const;

 private:
  Url supervisor_;
  std::unique_ptr<SSL_CTX, TlsFreer> context_;
};

}  // namespace mplane
