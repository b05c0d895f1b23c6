#include "mplane/session/http_client.hpp"

#include "descriptor.hpp"
#include "site.hpp"

#include <arpa/inet.h>
#include <atomic>
#include <mutex>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

namespace mplane {
namespace {

using Catch::Contains;
using std::chrono::milliseconds;
using Connection = detail::Descriptor;
using test::PlainSite;
using test::TestPki;
using test::TlsSite;

struct Failure {
  ErrorKind kind = ErrorKind::Internal;
  std::string message;
};

Failure failure_of(HttpClient& client) {
  try {
    client.post("/", kMediaType, "x");
  } catch (const Error& error) {
    return {error.kind(), error.message()};
  }
  FAIL("no error");
  return {};
}

/// A TCP socket on 127.0.0.1 that listens, and does what a test says with who comes.
class Socket {
 public:
  Socket() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(socket_, 8);
    socklen_t size = sizeof address;
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~Socket() { close(); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }
  /// Takes one connection and reads until a text came.
  Connection accept(std::string_view until) const {
    Connection peer(::accept(socket_, nullptr, nullptr));
    std::string received;
    char chunk[4096];
    while (received.find(until) == std::string::npos) {
      const ssize_t size = ::recv(peer.number(), chunk, sizeof chunk, 0);
      if (size <= 0) break;
      received.append(chunk, static_cast<std::size_t>(size));
    }
    return peer;
  }
  /// The same, says something and closes.
  void serve(std::string_view until, std::string_view answer) const {
    const Connection peer = accept(until);
    ::send(peer.number(), answer.data(), answer.size(), MSG_NOSIGNAL);
  }
  Url url(const std::string& scheme = "http") const {
    return Url::parse(scheme + "://127.0.0.1:" + std::to_string(port_));
  }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

TEST_CASE("a client without TLS does not go to https", "[client]") {
  CHECK_THROWS_WITH(HttpClient(Url::parse("https://localhost/")), Contains("not configured"));
}

TEST_CASE("replies of any status are replies", "[client]") {
  const PlainSite site([](const HttpRequest&, Responder responder) {
    responder.send({.status = 428,
                    .content_type = "text/plain",
                    .body = "not registered",
                    .headers = {{"Location", "/x"}, {"Retry-After", "7"}}});
  });
  HttpClient client(site.url());
  const HttpReply reply = client.get("/show/specification");
  CHECK(reply.status == 428);
  CHECK(reply.content_type == "text/plain");
  CHECK(reply.body == "not registered");
  CHECK(reply.location == "/x");
  CHECK(reply.retry_after == "7");
  CHECK(reply.peer == Identity());
}

TEST_CASE("one connection is kept for all requests", "[client]") {
  std::mutex mutex;
  std::vector<std::string> remotes;
  const TlsSite site([&](const HttpRequest& request, Responder responder) {
    const std::lock_guard lock(mutex);
    remotes.push_back(request.remote);
    responder.send({});
  });
  HttpClient client(site.url(), site.peer());
  for (int i = 0; i < 20; ++i) client.get("/");
  CHECK(remotes == std::vector<std::string>(20, remotes.front()));
}

TEST_CASE("requests on a kept connection do not wait for each other's acknowledgement",
          "[client]") {
  const TlsSite site;
  HttpClient client(site.url(), site.peer());
  client.get("/");
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 50; ++i) client.post("/", kMediaType, "x");
  // With Nagle's algorithm each would take 40 ms.
  CHECK(std::chrono::steady_clock::now() - begin < milliseconds(1000));
}

TEST_CASE("a connection that the peer closed meanwhile is made anew", "[client]") {
  TlsSite site(test::echo, {.idle = milliseconds(30)});
  HttpClient client(site.url(), site.peer());
  CHECK(client.get("/a").status == 200);
  while (site.listener().connections() > 0) std::this_thread::yield();
  CHECK(client.post("/", kMediaType, "again").body == "again");
}

TEST_CASE("a peer that came back is found again", "[client]") {
  const TestPki pki;
  const HttpClientOptions options{.tls = TlsContext(pki.issue("client"))};
  std::optional<Listener> listener;
  listener.emplace(ListenerOptions{.tls = TlsContext(pki.issue("server"))}, test::echo);
  listener->start();
  const std::uint16_t port = listener->port();
  HttpClient client(Url::parse("https://127.0.0.1:" + std::to_string(port)), options);
  CHECK(client.get("/").status == 200);
  listener.reset();
  CHECK(failure_of(client).kind == ErrorKind::Unreachable);
  listener.emplace(ListenerOptions{.port = port, .tls = TlsContext(pki.issue("server"))},
                   test::echo);
  listener->start();
  CHECK(client.get("/").status == 200);
}

TEST_CASE("who cannot be reached is told with the reason", "[client]") {
  SECTION("nobody listens") {
    Socket socket;
    const Url url = socket.url();
    socket.close();
    HttpClient client(url);
    const Failure failure = failure_of(client);
    CHECK(failure.kind == ErrorKind::Unreachable);
    CHECK(failure.message == "Connection refused");
  }
  SECTION("the name is not known") {
    HttpClient client(Url::parse("http://no-such-host.invalid/"));
    const Failure failure = failure_of(client);
    CHECK(failure.kind == ErrorKind::Unreachable);
    CHECK_THAT(failure.message, Contains("host name is not found"));
  }
  SECTION("the connection is cut") {
    const Socket socket;
    std::thread server([&] { socket.serve("\r\n\r\n", ""); });
    HttpClient client(socket.url());
    const Failure failure = failure_of(client);
    server.join();
    CHECK(failure.kind == ErrorKind::Unreachable);
    CHECK_THAT(failure.message, Contains("cut"));
  }
  SECTION("the answer is no HTTP") {
    const Socket socket;
    std::thread server([&] { socket.serve("\r\n\r\n", "220 smtp.example.org\r\n"); });
    HttpClient client(socket.url());
    const Failure failure = failure_of(client);
    server.join();
    CHECK(failure.kind == ErrorKind::Unreachable);
  }
  SECTION("the peer does not speak TLS") {
    const PlainSite site;
    const TestPki pki;
    HttpClient client(Url::parse("https://" + site.url().authority()),
                      {.tls = TlsContext(pki.issue("client"))});
    const Failure failure = failure_of(client);
    CHECK(failure.kind == ErrorKind::Unreachable);
    CHECK_THAT(failure.message, Contains("TLS handshake failed: wrong version number"));
  }
}

TEST_CASE("a peer that does not answer in time is given up", "[client]") {
  SECTION("after the request") {
    std::optional<Responder> kept;
    const PlainSite site(
        [&](const HttpRequest&, Responder responder) { kept.emplace(std::move(responder)); });
    HttpClient client(site.url(), {.read = milliseconds(50)});
    const Failure failure = failure_of(client);
    CHECK(failure.kind == ErrorKind::TimedOut);
    CHECK_THAT(failure.message, Contains("50 ms"));
  }
  SECTION("during the handshake") {
    const Socket socket;
    const TestPki pki;
    HttpClient client(socket.url("https"),
                      {.tls = TlsContext(pki.issue("client")), .connect = milliseconds(50)});
    const Failure failure = failure_of(client);
    CHECK(failure.kind == ErrorKind::Unreachable);
    CHECK_THAT(failure.message, Contains("no answer in time"));
  }
}

TEST_CASE("a peer is believed only with a certificate of our authority", "[client][tls]") {
  const TlsSite site;
  SECTION("another authority") {
    const TestPki elsewhere("Elsewhere");
    HttpClient client(site.url(), {.tls = TlsContext(elsewhere.issue("client"))});
    const Failure failure = failure_of(client);
    CHECK(failure.kind == ErrorKind::Unreachable);
    CHECK_THAT(failure.message, Contains("(org.mplane.Test.Clients.server) is not trusted"));
  }
  SECTION("another host") {
    const TestPki pki;
    Listener listener({.tls = TlsContext(pki.issue_for("s", {"probe.example.org"}, {"192.0.2.1"}))},
                      test::echo);
    listener.start();
    const HttpClientOptions options{.tls = TlsContext(pki.issue("client"))};
    const std::string port = std::to_string(listener.port());
    HttpClient by_address(Url::parse("https://127.0.0.1:" + port), options);
    CHECK_THAT(failure_of(by_address).message, Contains("IP address mismatch"));
    HttpClient by_name(Url::parse("https://localhost:" + port), options);
    CHECK_THAT(failure_of(by_name).message, Contains("hostname mismatch"));
  }
  SECTION("a host that only its subject names") {
    const TestPki pki;
    Listener listener({.tls = TlsContext(pki.issue_for("localhost", {}, {}))}, test::echo);
    listener.start();
    HttpClient client(Url::parse("https://localhost:" + std::to_string(listener.port())),
                      {.tls = TlsContext(pki.issue("client"))});
    CHECK_THAT(failure_of(client).message, Contains("hostname mismatch"));
  }
  SECTION("a client that passes itself off as a server") {
    const TestPki pki;
    Listener listener({.tls = TlsContext(pki.issue_client_only("mallory"))}, test::echo);
    listener.start();
    HttpClient client(Url::parse("https://localhost:" + std::to_string(listener.port())),
                      {.tls = TlsContext(pki.issue("client"))});
    CHECK_THAT(failure_of(client).message,
               Contains("mallory) is not trusted") && Contains("certificate purpose"));
  }
  SECTION("revoked") {
    const TestPki pki;
    Listener listener({.tls = TlsContext(pki.issue("server"))}, test::echo);
    listener.start();
    TlsOptions files = pki.issue("client");
    files.crl = pki.revoke({"server"});
    HttpClient client(Url::parse("https://127.0.0.1:" + std::to_string(listener.port())),
                      {.tls = TlsContext(files)});
    CHECK_THAT(failure_of(client).message, Contains("revoked"));
  }
}

TEST_CASE("nothing is said to another than the peer that is expected", "[client][tls]") {
  std::atomic<int> requests = 0;
  const TlsSite site([&](HttpRequest request, Responder responder) {
    ++requests;
    test::echo(std::move(request), std::move(responder));
  });
  HttpClient client(site.url(), site.peer());
  client.expect(site.pki().identity("another"));
  const Failure failure = failure_of(client);
  CHECK(failure.kind == ErrorKind::Unreachable);
  CHECK_THAT(failure.message,
             Contains("only \"" + site.pki().identity("another").text() + "\" is"));
  CHECK_FALSE(client.may_have_arrived());
  CHECK(requests == 0);
  client.expect(site.pki().identity("server"));
  CHECK(client.get("/").status == 200);
}

TEST_CASE("it is known whether a request may have arrived", "[client]") {
  Socket socket;
  HttpClient client(socket.url());
  CHECK_FALSE(client.may_have_arrived());
  SECTION("at who read it and went") {
    std::thread peer([&] { socket.accept("\r\n\r\n"); });
    failure_of(client);
    peer.join();
    CHECK(client.may_have_arrived());
  }
  SECTION("at who was never there") {
    socket.close();
    failure_of(client);
    CHECK_FALSE(client.may_have_arrived());
  }
}

TEST_CASE("a peer can be reached by its name", "[client][tls]") {
  const TlsSite site;
  HttpClient client(Url::parse("https://localhost:" + std::to_string(site.url().port())),
                    site.peer());
  CHECK(client.get("/").status == 200);
}

TEST_CASE("a client needs no certificate that is good for a server", "[client][tls]") {
  const TlsSite site;
  HttpClient client(site.url(), {.tls = TlsContext(site.pki().issue_client_only("me"))});
  CHECK(client.get("/").status == 200);
}

TEST_CASE("an answer over the limit is refused", "[client]") {
  const PlainSite site;
  HttpClientOptions options;
  options.body_bytes = 1000;
  HttpClient client(site.url(), options);
  CHECK(client.post("/", kMediaType, std::string(1000, 'x')).body.size() == 1000);
  try {
    client.post("/", kMediaType, std::string(1001, 'x'));
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::TooLarge);
    CHECK_THAT(error.message(), Contains("1000 bytes"));
  }
  CHECK(client.post("/", kMediaType, "small").body == "small");
}

TEST_CASE("a request can be cancelled from another thread", "[client]") {
  SECTION("while it waits for the answer") {
    std::optional<Responder> kept;
    std::optional<HttpClient> client;  // outlives the threads of the site, one of which cancels
    const TlsSite site([&](const HttpRequest&, Responder responder) {
      kept.emplace(std::move(responder));
      client->cancel();
    });
    client.emplace(site.url(), site.peer());
    CHECK(failure_of(*client).kind == ErrorKind::Unavailable);
    CHECK(failure_of(*client).kind == ErrorKind::Unavailable);
  }
  SECTION("while it shakes hands") {
    const Socket socket;
    const TestPki pki;
    HttpClient client(socket.url("https"), {.tls = TlsContext(pki.issue("client")),
                                            .connect = std::chrono::seconds(60)});
    std::thread canceller([&] {
      const auto hold = socket.accept("\x16");  // the first byte of the handshake came
      client.cancel();
    });
    const Failure failure = failure_of(client);
    canceller.join();
    CHECK(failure.kind == ErrorKind::Unavailable);
  }
  SECTION("before it begins") {
    const PlainSite site;
    HttpClient client(site.url());
    client.cancel();
    CHECK(failure_of(client).kind == ErrorKind::Unavailable);
  }
}

}  // namespace
}  // namespace mplane
