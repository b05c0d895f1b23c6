#pragma once

#include "mplane/session/http_client.hpp"
#include "mplane/session/listener.hpp"
#include "support/log_book.hpp"
#include "support/pki.hpp"

#include <optional>
#include <string>
#include <utility>

namespace mplane::test {

/// Answers with what was posted, or with who asked for what.
inline void echo(HttpRequest request, Responder responder) {
  HttpResponse response;
  response.content_type = std::string(kMediaType);
  response.body =
      request.method == "POST" ? std::move(request.body) : request.peer.text() + " " + request.path;
  responder.send(std::move(response));
}

/// A listener under mutual TLS with its log, serving, and peers for it.
class TlsSite {
 public:
  explicit TlsSite(HttpHandler handler = echo, const ListenerLimits& limits = {},
                   unsigned threads = 1)
      : listener_({.tls = TlsContext(pki_.issue("server")),
                   .threads = threads,
                   .limits = limits,
                   .log = log_.sink()},
                  std::move(handler)) {
    listener_.start();
  }

  Url url() const { return Url::parse("https://127.0.0.1:" + std::to_string(listener_.port())); }
  HttpClientOptions peer(const std::string& name = "client") const {
    return {.tls = TlsContext(pki_.issue(name))};
  }

  const TestPki& pki() const noexcept { return pki_; }
  Listener& listener() noexcept { return listener_; }
  const LogBook& log() const noexcept { return log_; }

 private:
  TestPki pki_;
  LogBook log_;
  Listener listener_;
};

/// The same without TLS.
class PlainSite {
 public:
  explicit PlainSite(HttpHandler handler = echo, const ListenerLimits& limits = {})
      : listener_({.insecure = true, .limits = limits, .log = log_.sink()}, std::move(handler)) {
    listener_.start();
  }

  Url url() const { return Url::parse("http://127.0.0.1:" + std::to_string(listener_.port())); }
  std::uint16_t port() const { return listener_.port(); }
  Listener& listener() noexcept { return listener_; }
  const LogBook& log() const noexcept { return log_; }

 private:
  LogBook log_;
  Listener listener_;
};

}  // namespace mplane::test
