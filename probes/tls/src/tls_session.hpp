#pragma once

#include "certificate.hpp"
#include "mplane/probes/common/trust.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace mplane::detail {

/// What a server showed of itself. A value.
struct TlsFacts {
  std::string version;   ///< "TLSv1.3"
  std::string cipher;    ///< "TLS_AES_256_GCM_SHA384"
  std::string group;     ///< of the key exchange, "x25519"
  std::string protocol;  ///< ALPN; empty without
  CertificateFacts certificate;
  bool trusted = false;  ///< a chain leads to an authority, and everything in it is in force
  std::string problem;   ///< why not
  bool matches = false;  ///< the certificate is for the name (or address) that was asked for
};

/// What a TLS client believes and offers, for any number of sessions. Immutable.
class TlsClient {
 public:
  explicit TlsClient(const Trust& trust);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

 private:
  friend class TlsSession;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// One handshake as a client over a connection that does not block. One thread at a time.
class TlsSession {
 public:
  enum class State : std::uint8_t { WantsRead, WantsWrite, Established, Failed };

  /// Over a connected socket, which stays the caller's; `name` is what the server is to prove.
  TlsSession(const TlsClient& client, int descriptor, const std::string& name);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  /// Goes on as far as it can now.
  State advance();
  /// Why it failed, in words.
  const std::string& problem() const noexcept;
  /// Of one that is established.
  TlsFacts facts() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane::detail
