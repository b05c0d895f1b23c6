#include "tls_dialer.hpp"

#include "mplane/model/error.hpp"

#include <utility>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace mplane {
namespace {

struct Freer {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};

std::unique_ptr<BIO, Freer> reader_of(const std::string& text) {
  return std::unique_ptr<BIO, Freer>(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

[[noreturn]] void fail(const std::string& what) {
  ERR_clear_error();
  throw Error(ErrorKind::Internal, "TLS", what);
}

/// Whom we want to meet (RFC 9110, section 4.3.4); names are also said in the handshake.
void insist_on(SSL* const ssl, const Url& supervisor) {
  std::string host = supervisor.host();
  const bool done = supervisor.is_address()
                        ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1
                        : SSL_set1_host(ssl, host.c_str()) == 1 &&
                              SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                                       host.data()) == 1;
  if (!done) fail("the supervisor's name cannot be checked");
}

}  // namespace

Badge::Badge(const pki::Credential& credential)
    : certificate_(
          PEM_read_bio_X509(reader_of(credential.certificate).get(), nullptr, nullptr, nullptr)),
      key_(PEM_read_bio_PrivateKey(reader_of(credential.key).get(), nullptr, nullptr, nullptr)) {
  if (!certificate_ || !key_) fail("a certificate or its key cannot be read");
}

TlsDialer::TlsDialer(const std::filesystem::path& ca, Url supervisor)
    : supervisor_(std::move(supervisor)), context_(SSL_CTX_new(TLS_client_method())) {
  if (!context_) throw std::bad_alloc();
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_OFF);
  // Of many connections most are idle: without this each keeps 33 KiB.
  SSL_CTX_set_mode(context_.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                       SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (SSL_CTX_load_verify_file(context_.get(), ca.c_str()) == 1) return;
  ERR_clear_error();
  throw Error(ErrorKind::Configuration, ca.string(), "holds no certificate of an authority");
}

SslPtr TlsDialer::dial(const int descriptor, const Badge& badge) const {
  SslPtr ssl(SSL_new(context_.get()));
  if (!ssl || SSL_set_fd(ssl.get(), descriptor) != 1) throw std::bad_alloc();
  const bool shown = SSL_use_certificate(ssl.get(), badge.certificate()) == 1 &&
                     SSL_use_PrivateKey(ssl.get(), badge.key()) == 1;
  if (!shown) fail("a certificate cannot be used");
  insist_on(ssl.get(), supervisor_);
  SSL_set_connect_state(ssl.get());
  return ssl;
}

}  // namespace mplane
