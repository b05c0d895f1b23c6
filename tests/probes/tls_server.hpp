#pragma once

#include <csignal>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

namespace mplane::test {

/// What serves TLS over a connected socket of a test's server: handshake, then a function.
class TlsServer {
 public:
  using Serve = std::function<void(SSL* session)>;

  TlsServer(const std::string& cert, const std::string& key)
      : context_(::SSL_CTX_new(::TLS_server_method()), &::SSL_CTX_free) {
    const bool ready =
        ::SSL_CTX_use_certificate_chain_file(context_.get(), cert.c_str()) == 1 &&
        ::SSL_CTX_use_PrivateKey_file(context_.get(), key.c_str(), SSL_FILETYPE_PEM) == 1;
    if (!ready) throw std::runtime_error("the test's certificate cannot be used");
  }

  void serve(int connection, const Serve& then) const {
    // A client may be gone when its session tickets are to be sent: that is no reason to die.
    sigset_t pipe;
    ::sigemptyset(&pipe);
    ::sigaddset(&pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    const std::unique_ptr<SSL, decltype(&::SSL_free)> session(::SSL_new(context_.get()),
                                                              &::SSL_free);
    ::SSL_set_fd(session.get(), connection);
    if (::SSL_accept(session.get()) == 1 && then) then(session.get());
  }

 private:
  std::unique_ptr<SSL_CTX, decltype(&::SSL_CTX_free)> context_;
};

}  // namespace mplane::test
