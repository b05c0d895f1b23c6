#pragma once

#include "mplane/session/tls.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace mplane::test {

/// A peer that sends whatever bytes a test likes, with or without TLS, and reads what comes back.
/// Every wait ends after ten seconds. One thread at a time.
class RawPeer {
 public:
  enum class Protocol { Any, Tls11, Tls12, Tls13 };

  /// Connects to 127.0.0.1, without TLS.
  explicit RawPeer(std::uint16_t port);
  /// The same with TLS: the files are used as they are, good or bad. The handshake is begun;
  /// whether it succeeded says `tls_failure`.
  RawPeer(std::uint16_t port, const TlsOptions& files, Protocol protocol = Protocol::Any);
  /// The same, resuming the session of another.
  RawPeer(std::uint16_t port, const TlsOptions& files, Protocol protocol, const RawPeer& before);
  ~RawPeer();
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  /// Sends as much as the other side takes. @return whether that was all.
  bool send(std::string_view bytes);
  /// Sends bytes beneath TLS, where they do not belong.
  bool send_beneath(std::string_view bytes);
  /// One answer: head and body, as its Content-Length says; what there is when the other side
  /// closes.
  std::string read_response();
  /// The same, when the answer has no body whatever its length (HEAD, 100).
  std::string read_head();
  /// All there is until the other side closes.
  std::string read_all();
  /// Has the other side closed, within `at_most`?
  bool is_closed(std::chrono::milliseconds at_most = std::chrono::seconds(10));
  /// Closes our half: no more is sent.
  void finish();
  /// Closes, with a reset instead of a farewell when `abruptly`.
  void close(bool abruptly = false);

  bool is_resumed() const;
  /// Why TLS failed, as OpenSSL says it; empty when it did not.
  const std::string& tls_failure() const noexcept { return tls_failure_; }

 private:
  struct Tls;

  bool fill();

  int socket_ = -1;
  std::unique_ptr<Tls> tls_;
  std::string tls_failure_;
  std::string received_;
};

/// "POST / HTTP/1.1 …" with this body.
std::string post_request(std::string_view body, std::string_view path = "/");
/// The status in the first line of an answer; 0 without one.
int status_of(std::string_view response);
/// What follows the empty line.
std::string body_of(std::string_view response);

}  // namespace mplane::test
