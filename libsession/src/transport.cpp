#include "transport.hpp"

#include <algorithm>
#include <cerrno>
#include <sys/socket.h>
#include <system_error>

#include <openssl/err.h>

namespace mplane::detail {
namespace {

std::string system_reason(int error) {
  return error == 0 ? "the connection was cut" : std::generic_category().message(error);
}

bool would_block(int error) { return error == EAGAIN || error == EINTR; }

}  // namespace

Transport::Transport(int descriptor, SSL_CTX* context) : descriptor_(descriptor) {
  if (context == nullptr) return;
  ssl_.reset(SSL_new(context));
  if (!ssl_ || SSL_set_fd(ssl_.get(), descriptor) != 1) throw std::bad_alloc();
  SSL_set_accept_state(ssl_.get());
  SSL_set_app_data(ssl_.get(), this);
  peer_ = Identity(std::string());
}

int Transport::note_verification(int ok, X509_STORE_CTX* store) {
  const X509* const certificate = X509_STORE_CTX_get_current_cert(store);
  const bool is_peers = X509_STORE_CTX_get_error_depth(store) == 0;
  const auto ambiguity = ok == 1 && is_peers ? ambiguity_of(certificate) : std::nullopt;
  if (ok == 1 && !ambiguity) return ok;
  const auto* const ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* const self = static_cast<Transport*>(SSL_get_app_data(ssl));
  if (certificate != nullptr) self->peer_ = Identity(name_of(certificate));
  if (ambiguity) X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
  self->reason_ =
      ambiguity.value_or(X509_verify_cert_error_string(X509_STORE_CTX_get_error(store)));
  return 0;
}

Io Transport::handshake() {
  if (!ssl_) return Io::Done;
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) return admits_peer() ? Io::Done : Io::Failed;
  return outcome(result, 0).state;
}

bool Transport::admits_peer() {
  const X509* const certificate = SSL_get0_peer_certificate(ssl_.get());
  const long verdict = SSL_get_verify_result(ssl_.get());
  if (certificate == nullptr || verdict != X509_V_OK) {
    reason_ = X509_verify_cert_error_string(verdict);
    return false;
  }
  peer_ = identity_of(certificate);
  // A resumed session is not verified again by OpenSSL.
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) {
    reason_ = "certificate has expired";
    return false;
  }
  return true;
}

Transport::Verdict Transport::judge_again(X509_STORE* const trust) {
  X509* const certificate = SSL_get0_peer_certificate(ssl_.get());
  const std::unique_ptr<X509_STORE_CTX, Freer<X509_STORE_CTX_free>> context(X509_STORE_CTX_new());
  STACK_OF(X509)* const chain = SSL_get_peer_cert_chain(ssl_.get());
  if (!context || X509_STORE_CTX_init(context.get(), trust, certificate, chain) != 1 ||
      X509_STORE_CTX_set_default(context.get(), "ssl_client") != 1) {
    throw std::bad_alloc();
  }
  const bool trusted = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  if (trusted) return Verdict::Trusted;
  const int error = X509_STORE_CTX_get_error(context.get());
  reason_ = X509_verify_cert_error_string(error);
  const bool lacks_issuer = error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
  return lacks_issuer && chain == nullptr ? Verdict::Unclear : Verdict::Refused;
}

IoResult Transport::outcome(int result, std::size_t bytes) {
  if (result == 1) return {Io::Done, bytes};
  const int saved = errno;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {Io::WantRead, 0};
    case SSL_ERROR_WANT_WRITE:
      return {Io::WantWrite, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {Io::Closed, 0};
    case SSL_ERROR_SYSCALL:
      failed_ = true;
      if (reason_.empty()) reason_ = system_reason(saved);
      return {Io::Failed, 0};
    default:
      break;
  }
  failed_ = true;
  const unsigned long error = ERR_peek_error();
  if (ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    // No close_notify before the end of the stream: HTTP has its own lengths, so that it's an end.
    ERR_clear_error();
    if (SSL_is_init_finished(ssl_.get()) == 1) return {Io::Closed, 0};
    reason_ = "the connection was cut";
    return {Io::Failed, 0};
  }
  met_plain_http_ = ERR_GET_REASON(error) == SSL_R_HTTP_REQUEST;
  const std::string reason = openssl_reason("TLS failed");
  if (reason_.empty()) reason_ = reason;
  return {Io::Failed, 0};
}

IoResult Transport::read(char* data, std::size_t size) {
  if (ssl_) {
    ERR_clear_error();
    std::size_t bytes = 0;
    errno = 0;
    const int result = SSL_read_ex(ssl_.get(), data, size, &bytes);
    return outcome(result, bytes);
  }
  const ssize_t bytes = ::recv(descriptor_, data, size, 0);
  if (bytes > 0) return {Io::Done, static_cast<std::size_t>(bytes)};
  if (bytes == 0) return {Io::Closed, 0};
  if (would_block(errno)) return {Io::WantRead, 0};
  reason_ = system_reason(errno);
  return {Io::Failed, 0};
}

IoResult Transport::write(std::string_view data) {
  if (ssl_) {
    ERR_clear_error();
    std::size_t bytes = 0;
    errno = 0;
    const int result = SSL_write_ex(ssl_.get(), data.data(), data.size(), &bytes);
    return outcome(result, bytes);
  }
  const ssize_t bytes = ::send(descriptor_, data.data(), data.size(), MSG_NOSIGNAL);
  if (bytes >= 0) return {Io::Done, static_cast<std::size_t>(bytes)};
  if (would_block(errno)) return {Io::WantWrite, 0};
  reason_ = system_reason(errno);
  return {Io::Failed, 0};
}

void Transport::finish() {
  if (ssl_ && !failed_ && SSL_is_init_finished(ssl_.get()) == 1) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  ::shutdown(descriptor_, SHUT_WR);
}

Io Transport::discard(char* scratch, std::size_t size) {
  const ssize_t bytes = ::recv(descriptor_, scratch, size, 0);
  if (bytes > 0) return Io::Done;
  if (bytes == 0) return Io::Closed;
  return would_block(errno) ? Io::WantRead : Io::Failed;
}

}  // namespace mplane::detail
