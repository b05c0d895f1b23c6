#pragma once

#include "mplane/session/tls.hpp"
#include "openssl.hpp"

#include <vector>

namespace mplane::detail {

/// What a TlsContext shares: certificates, key and trust, checked, and the server's context made of
/// them. Immutable; OpenSSL counts references to what connections still use.
class TlsMaterial {
 public:
  TlsMaterial(const TlsOptions& options, const LogSink& log);

  bool has_certificate() const noexcept { return !chain_.empty(); }
  /// Only with a certificate.
  const X509* certificate() const noexcept { return chain_.front().get(); }

  /// Whom we believe.
  X509_STORE* trust() const noexcept { return store_.get(); }
  const std::vector<TlsEnding>& endings() const noexcept { return endings_; }

  /// For a Listener's connections; null without a certificate.
  SSL_CTX* server_context() const noexcept { return server_.get(); }

  /// Makes a context, someone else's, use our protocol rules, trust and certificate.
  /// Throws Error{Configuration}.
  void apply(SSL_CTX* context) const;

 private:
  void load_trust(const TlsOptions& options, const LogSink& log);
  void load_revocations(const std::filesystem::path& file);
  void load_certificate(const TlsOptions& options, const LogSink& log);
  void make_server_context();

  std::vector<X509Ptr> authorities_;
  StorePtr store_;
  std::vector<X509Ptr> chain_;  ///< ours first, then intermediate ones
  KeyPtr key_;
  std::vector<TlsEnding> endings_;
  SslContextPtr server_;
};

}  // namespace mplane::detail
