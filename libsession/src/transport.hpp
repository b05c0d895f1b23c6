#pragma once

#include "mplane/session/identity.hpp"
#include "openssl.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace mplane::detail {

/// How far an operation on a non-blocking descriptor came.
enum class Io {
  Done,       ///< finished, or moved some bytes
  WantRead,   ///< try again when the descriptor is readable
  WantWrite,  ///< try again when the descriptor is writable
  Closed,     ///< the peer closed its side
  Failed,     ///< nothing more to be had; Transport::reason says why
};

struct IoResult {
  Io state = Io::Done;
  std::size_t bytes = 0;
};

/// Bytes over a connected, non-blocking descriptor that someone else owns, with or without TLS.
/// A resource; one thread at a time.
///
/// OpenSSL works on the descriptor itself and waits are left to the caller: a connection that rests
/// then holds no buffer at all. The threads that write have SIGPIPE blocked.
class Transport {
 public:
  /// `context` null: no TLS.
  Transport(int descriptor, SSL_CTX* context);
  ~Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  /// Goes on with the TLS handshake, as the server. Done at once without TLS. After Failed the
  /// alert for the peer is on its way.
  Io handshake();

  IoResult read(char* data, std::size_t size);
  IoResult write(std::string_view data);

  /// Bytes wait inside OpenSSL: read again before waiting for the descriptor.
  bool has_pending() const noexcept { return ssl_ && SSL_has_pending(ssl_.get()) == 1; }

  /// Lets OpenSSL's buffers go, 33 KiB of them, as far as they hold nothing.
  void release_buffers() noexcept {
    if (ssl_) SSL_free_buffers(ssl_.get());
  }

  /// Says to the peer that nothing follows. It can still be read from.
  void finish();
  /// Throws away what the peer still sends: WantRead, or Closed or Failed when it is gone.
  Io discard(char* scratch, std::size_t size);

  /// What another trust than the one of the handshake says of the peer.
  enum class Verdict { Trusted, Unclear, Refused };
  /// Looks at the peer's certificate again, with TLS only. Unclear: the session was resumed, so
  /// that intermediate certificates are not known. Refused: `reason` says why.
  Verdict judge_again(X509_STORE* trust);

  bool is_secure() const noexcept { return ssl_ != nullptr; }
  /// Who is there, once the handshake is done. After one that failed: the subject of the
  /// certificate that was at fault, or empty.
  const Identity& peer() const noexcept { return peer_; }
  /// Why something failed, in words.
  const std::string& reason() const noexcept { return reason_; }
  /// The handshake failed because the peer speaks plain HTTP.
  bool met_plain_http() const noexcept { return met_plain_http_; }

  /// OpenSSL's verification callback: keeps whose certificate was at fault, and why.
  static int note_verification(int ok, X509_STORE_CTX* store);

 private:
  IoResult outcome(int result, std::size_t bytes);
  bool admits_peer();

  int descriptor_;
  SslPtr ssl_;
  Identity peer_;
  std::string reason_;
  bool failed_ = false;  ///< TLS is past saying anything
  bool met_plain_http_ = false;
};

}  // namespace mplane::detail
