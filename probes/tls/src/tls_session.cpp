#include "tls_session.hpp"

#include "certificate.hpp"
#include "mplane/model/error.hpp"

#include <string_view>
#include <utility>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace mplane::detail {
namespace {

struct Free {
  void operator()(SSL_CTX* context) const noexcept { ::SSL_CTX_free(context); }
  void operator()(SSL* session) const noexcept { ::SSL_free(session); }
  void operator()(X509* certificate) const noexcept { ::X509_free(certificate); }
};

template <typename T>
using Owned = std::unique_ptr<T, Free>;

std::string last_error() {
  std::string text;
  for (unsigned long code = ::ERR_get_error(); code != 0; code = ::ERR_get_error()) {
    const char* const reason = ::ERR_reason_error_string(code);
    if (reason != nullptr && text.empty()) text = reason;
  }
  return text;
}

// What the macro SSL_set_tlsext_host_name does; it casts as C does.
void set_server_name(SSL& session, std::string name) {
  ::SSL_ctrl(&session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
}

/// Without the dot that makes it absolute: neither RFC 6066 nor certificates have it.
std::string without_last_dot(std::string name) {
  if (name.ends_with('.')) name.pop_back();
  return name;
}

}  // namespace

struct TlsClient::Impl {
  Owned<SSL_CTX> context{::SSL_CTX_new(::TLS_client_method())};
};

TlsClient::TlsClient(const Trust& trust) : impl_(std::make_unique<Impl>()) {
  SSL_CTX* const context = impl_->context.get();
  if (context == nullptr) throw Error(ErrorKind::Internal, "", "TLS cannot be used");
  // What is found wrong is noted, and does not end the handshake.
  ::SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  ::SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
  ::SSL_CTX_set_security_level(context, 0);  // to measure what others have, not to trust it
  ::SSL_CTX_set1_cert_store(context, trust.store());
}
TlsClient::~TlsClient() = default;

struct TlsSession::Impl {
  Owned<SSL> session;
  std::string name;
  std::string problem = {};
};

TlsSession::TlsSession(const TlsClient& client, int descriptor, const std::string& name)
    : impl_(std::make_unique<Impl>(
          Impl{Owned<SSL>(::SSL_new(client.impl_->context.get())), without_last_dot(name)})) {
  SSL* const session = impl_->session.get();
  if (session == nullptr || ::SSL_set_fd(session, descriptor) != 1) {
    throw Error(ErrorKind::Unavailable, "", "no TLS session can be had");
  }
  if (!is_address(name)) set_server_name(*session, impl_->name);
  // What web servers speak, in wire form (RFC 7301).
  constexpr std::string_view kProtocols{"\x02h2\x08http/1.1", 12};
  ::SSL_set_alpn_protos(session, reinterpret_cast<const unsigned char*>(kProtocols.data()),
                        static_cast<unsigned>(kProtocols.size()));
  ::SSL_set_connect_state(session);
}
TlsSession::~TlsSession() {
  // The server hears that this is the end, if that can be told at once.
  if (::SSL_is_init_finished(impl_->session.get()) == 1) ::SSL_shutdown(impl_->session.get());
  ::ERR_clear_error();
}

TlsSession::State TlsSession::advance() {
  ::ERR_clear_error();
  const int done = ::SSL_do_handshake(impl_->session.get());
  if (done == 1) return State::Established;
  const int error = ::SSL_get_error(impl_->session.get(), done);
  if (error == SSL_ERROR_WANT_READ) return State::WantsRead;
  if (error == SSL_ERROR_WANT_WRITE) return State::WantsWrite;
  impl_->problem = last_error();
  if (impl_->problem.empty()) impl_->problem = "the server ended the connection";
  return State::Failed;
}

const std::string& TlsSession::problem() const noexcept { return impl_->problem; }

TlsFacts TlsSession::facts() const {
  SSL* const session = impl_->session.get();
  TlsFacts facts;
  facts.version = ::SSL_get_version(session);
  facts.cipher = ::SSL_get_cipher_name(session);
  const int group =
      static_cast<int>(::SSL_ctrl(session, SSL_CTRL_GET_NEGOTIATED_GROUP, 0, nullptr));
  if (const char* const text = ::SSL_group_to_name(session, group)) facts.group = text;
  const unsigned char* protocol = nullptr;
  unsigned length = 0;
  ::SSL_get0_alpn_selected(session, &protocol, &length);
  if (length > 0) facts.protocol.assign(reinterpret_cast<const char*>(protocol), length);
  const Owned<X509> certificate(::SSL_get1_peer_certificate(session));
  if (certificate == nullptr) return facts;
  facts.certificate = facts_of(*certificate);
  const long verdict = ::SSL_get_verify_result(session);
  facts.trusted = verdict == X509_V_OK;
  if (!facts.trusted) facts.problem = ::X509_verify_cert_error_string(verdict);
  facts.matches = is_for(*certificate, impl_->name);
  return facts;
}

}  // namespace mplane::detail
