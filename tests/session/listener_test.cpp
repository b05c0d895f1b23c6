#include "mplane/session/listener.hpp"

#include "site.hpp"
#include "support/raw_peer.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

namespace mplane {
namespace {

using Catch::Contains;
using test::body_of;
using test::PlainSite;
using test::post_request;
using test::RawPeer;
using test::status_of;
using test::TlsSite;

/// Responders that a handler keeps, for the test to answer from its own thread.
class Waiting {
 public:
  HttpHandler handler() {
    return [this](HttpRequest request, Responder responder) {
      const std::lock_guard lock(mutex_);
      requests_.push_back(std::move(request));
      responders_.push_back(std::move(responder));
      changed_.notify_all();
    };
  }

  /// The next one; waits for it.
  std::pair<HttpRequest, Responder> next() {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds(10), [&] { return !requests_.empty(); }));
    std::pair<HttpRequest, Responder> result(std::move(requests_.front()),
                                             std::move(responders_.front()));
    requests_.erase(requests_.begin());
    responders_.erase(responders_.begin());
    return result;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<HttpRequest> requests_;
  std::vector<Responder> responders_;
};

TEST_CASE("a message goes to the handler and its answer back", "[listener]") {
  const TlsSite site;
  HttpClient client(site.url(), site.peer());
  const HttpReply reply = client.post("/", kMediaType, "{\"a\": 1}");
  CHECK(reply.status == 200);
  CHECK(reply.content_type == kMediaType);
  CHECK(reply.body == "{\"a\": 1}");
  CHECK(reply.peer == site.pki().identity("server"));
}

TEST_CASE("the handler learns who asks, for what, and from where", "[listener]") {
  HttpRequest seen;
  const TlsSite site([&](HttpRequest request, Responder responder) {
    seen = std::move(request);
    responder.send({});
  });
  HttpClient client(site.url(), site.peer("client-33"));
  client.get("/capability/x?a=1&b=%20", "text/html");
  CHECK(seen.method == "GET");
  CHECK(seen.path == "/capability/x");
  CHECK(seen.query == "a=1&b=%20");
  CHECK(seen.accept == "text/html");
  CHECK(seen.content_type.empty());
  CHECK(seen.peer.text() == "org.mplane.Test.Clients.client-33");
  CHECK_THAT(seen.remote, Catch::StartsWith("127.0.0.1:"));
  client.post("/", "application/x-mplane+json; charset=utf-8", "x");
  CHECK(seen.content_type == "application/x-mplane+json; charset=utf-8");
}

TEST_CASE("plain HTTP has to be asked for, and says so in the log", "[listener]") {
  CHECK_THROWS_WITH(Listener({}, test::echo), Contains("plain HTTP has to be asked for"));
  const PlainSite site;
  CHECK_FALSE(site.log().wait_for("plain HTTP", site.url().authority()).empty());
  HttpClient client(site.url());
  CHECK(client.get("/x").body == "Identity.Unauthenticated.Default /x");
}

TEST_CASE("a listener without a certificate is refused", "[listener]") {
  const test::TestPki pki;
  CHECK_THROWS_WITH(Listener({.tls = TlsContext(pki.without_certificate())}, test::echo),
                    Contains("needs a certificate"));
}

TEST_CASE("an address that cannot be had is named with the reason", "[listener]") {
  const PlainSite site;
  CHECK_THROWS_WITH(Listener({.port = site.port(), .insecure = true}, test::echo),
                    Contains(site.url().authority()) && Contains("Address already in use"));
  CHECK_THROWS_WITH(Listener({.address = "192.0.2.1", .insecure = true}, test::echo),
                    Contains("192.0.2.1:0") && Contains("Cannot assign"));
  CHECK_THROWS_AS(Listener({.address = "no such host", .insecure = true}, test::echo), Error);
}

TEST_CASE("IPv6 is served", "[listener]") {
  Listener listener({.address = "::1", .insecure = true}, test::echo);
  listener.start();
  HttpClient client(Url::parse("http://[::1]:" + std::to_string(listener.port())));
  CHECK(client.get("/x").status == 200);
}

TEST_CASE("bodies of any size arrive whole, in both directions", "[listener]") {
  const TlsSite site;
  HttpClient client(site.url(), site.peer());
  const std::size_t size = GENERATE(0UL, 1UL, 15'000UL, 16'384UL, 100'000UL, 5'000'000UL);
  std::string body(size, '\0');
  for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<char>(i * 31 + i / 251);
  const HttpReply reply = client.post("/", kMediaType, body);
  CHECK(reply.status == 200);
  CHECK((reply.body == body));
}

TEST_CASE("a chunked body arrives whole", "[listener]") {
  const PlainSite site;
  RawPeer peer(site.port());
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  peer.send(head + "3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\nTrailer: x\r\n\r\n");
  CHECK(body_of(peer.read_response()) == "abcdefg");

  std::string dribble = head;
  for (const char c : std::string("byte by byte")) dribble += std::string("1\r\n") + c + "\r\n";
  for (const char c : dribble + "0\r\n\r\n") REQUIRE(peer.send({&c, 1}));
  CHECK(body_of(peer.read_response()) == "byte by byte");
}

TEST_CASE("pipelined requests are answered in order", "[listener]") {
  const TlsSite site;
  RawPeer peer(site.url().port(), site.pki().issue("client"));
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += post_request("body " + std::to_string(i));
  REQUIRE(peer.send(requests));
  for (int i = 0; i < 100; ++i) CHECK(body_of(peer.read_response()) == "body " + std::to_string(i));
}

TEST_CASE("pipelined requests wait for an answer that comes later", "[listener]") {
  Waiting waiting;
  const PlainSite site(waiting.handler());
  RawPeer peer(site.port());
  peer.send(post_request("one") + post_request("two"));
  auto [first, answer_first] = waiting.next();
  CHECK(first.body == "one");
  peer.send(post_request("three"));
  answer_first.send({.body = "1"});
  CHECK(body_of(peer.read_response()) == "1");
  for (const char* const body : {"two", "three"}) {
    auto [request, responder] = waiting.next();
    CHECK(request.body == body);
    responder.send({.body = request.body});
    CHECK(body_of(peer.read_response()) == body);
  }
}

TEST_CASE("a handler may answer later, from another thread", "[listener]") {
  Waiting waiting;
  const TlsSite site(waiting.handler());
  std::string body;
  std::thread asker([&] {
    HttpClient client(site.url(), site.peer());
    body = client.post("/", kMediaType, "question").body;
  });
  auto [request, responder] = waiting.next();
  responder.send({.body = request.body + " answered"});
  asker.join();
  CHECK(body == "question answered");
}

TEST_CASE("HEAD is answered without a body, but with its length", "[listener]") {
  const PlainSite site;
  RawPeer peer(site.port());
  peer.send("HEAD /abc HTTP/1.1\r\nHost: x\r\n\r\nGET /abc HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string head = peer.read_head();
  CHECK_THAT(head, Contains("Content-Length: 37"));
  CHECK(body_of(peer.read_response()) == "Identity.Unauthenticated.Default /abc");
}

TEST_CASE("answers carry a date, a length and the handler's headers", "[listener]") {
  const PlainSite site([](const HttpRequest&, Responder responder) {
    responder.send({.status = 405,
                    .content_type = "text/plain",
                    .body = "no",
                    .headers = {{"Allow", "GET"}, {"X-Bad", "a\r\nSet-Cookie: b"}}});
  });
  RawPeer peer(site.port());
  peer.send(post_request(""));
  const std::string response = peer.read_response();
  CHECK_THAT(response, Catch::StartsWith("HTTP/1.1 405 Method Not Allowed\r\n"));
  CHECK_THAT(response, Contains("\r\nDate: ") && Contains(" GMT\r\n"));
  CHECK_THAT(response, Contains("\r\nContent-Type: text/plain\r\n"));
  CHECK_THAT(response, Contains("\r\nAllow: GET\r\n"));
  CHECK_THAT(response, Contains("\r\nContent-Length: 2\r\n"));
  CHECK_THAT(response, Contains("X-Bad: aSet-Cookie: b\r\n"));
}

TEST_CASE("a peer that waits for leave to send its body gets it", "[listener]") {
  const PlainSite site;
  RawPeer peer(site.port());
  peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  CHECK(status_of(peer.read_head()) == 100);
  peer.send("body");
  CHECK(body_of(peer.read_response()) == "body");
}

TEST_CASE("the connection ends after the answer when the peer says so", "[listener]") {
  const PlainSite site;
  const std::string request =
      GENERATE(as<std::string>(), "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
               "GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  RawPeer peer(site.port());
  peer.send(request);
  const std::string response = peer.read_response();
  CHECK(status_of(response) == 200);
  CHECK_THAT(response, Contains("Connection: close\r\n"));
  CHECK(peer.is_closed());
}

TEST_CASE("a peer that closes its half still gets its answer", "[listener]") {
  Waiting waiting;
  const PlainSite site(waiting.handler());
  RawPeer peer(site.port());
  peer.send(post_request("last"));
  peer.finish();
  auto [request, responder] = waiting.next();
  responder.send({.body = "heard"});
  CHECK(body_of(peer.read_all()) == "heard");
}

TEST_CASE("a proxy's form of a target is understood", "[listener]") {
  const PlainSite site;
  RawPeer peer(site.port());
  peer.send("GET http://elsewhere:1/a?b HTTP/1.1\r\nHost: elsewhere\r\n\r\n");
  CHECK(body_of(peer.read_response()) == "Identity.Unauthenticated.Default /a");
}

TEST_CASE("an error of the handler becomes its page, and the connection goes on", "[listener]") {
  const PlainSite site([](const HttpRequest& request, Responder) {
    if (request.path == "/refused") throw Error(ErrorKind::Refused, "x", "you may not");
    if (request.path == "/bug") throw std::runtime_error("secret detail");
  });
  HttpClient client(site.url());
  const HttpReply refused = client.get("/refused");
  CHECK(refused.status == 403);
  CHECK(refused.body == "you may not\n");
  const HttpReply bug = client.get("/bug");
  CHECK(bug.status == 500);
  CHECK_THAT(bug.body, !Contains("secret"));
  CHECK_THAT(site.log().wait_for("a handler failed"), Contains("secret detail"));
  const HttpReply dropped = client.get("/dropped");
  CHECK(dropped.status == 500);
  CHECK_FALSE(site.log().wait_for("a handler dropped a request").empty());
}

TEST_CASE("a request that is dropped later is answered 500", "[listener]") {
  Waiting waiting;
  const PlainSite site(waiting.handler());
  RawPeer peer(site.port());
  peer.send(post_request("x"));
  { const auto [request, dropped] = waiting.next(); }
  CHECK(status_of(peer.read_response()) == 500);
}

TEST_CASE("whoever waits for an answer and goes away is noticed", "[listener]") {
  Waiting waiting;
  const TlsSite site(waiting.handler());
  const bool abruptly = GENERATE(false, true);
  RawPeer peer(site.url().port(), site.pki().issue("client"));
  peer.send(post_request("held"));
  auto [request, responder] = waiting.next();
  CHECK_FALSE(request.gone.stop_requested());
  std::mutex mutex;
  std::condition_variable changed;
  bool gone = false;
  const std::stop_callback notice(request.gone, [&] {
    const std::lock_guard lock(mutex);
    gone = true;
    changed.notify_all();
  });
  peer.close(abruptly);
  std::unique_lock lock(mutex);
  CHECK(changed.wait_for(lock, std::chrono::seconds(10), [&] { return gone; }));
  lock.unlock();
  responder.send({.body = "to nobody"});
}

TEST_CASE("fifty peers at once each get their own answer", "[listener]") {
  const TlsSite site(
      [](HttpRequest request, Responder responder) {
        responder.send({.body = request.peer.text() + " " + request.body});
      },
      {}, 2);
  constexpr int kPeers = 50;
  constexpr int kRequests = 20;
  std::vector<HttpClientOptions> options;
  for (int i = 0; i < kPeers; ++i) options.push_back(site.peer("client-" + std::to_string(i)));
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kPeers; ++i) {
    threads.emplace_back([&, i] {
      HttpClient client(site.url(), options[static_cast<std::size_t>(i)]);
      for (int n = 0; n < kRequests; ++n) {
        const std::string body = std::to_string(i) + "/" + std::to_string(n);
        const std::string expected = "org.mplane.Test.Clients.client-" + std::to_string(i);
        if (client.post("/", kMediaType, body).body == expected + " " + body) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(right == kPeers * kRequests);
}

// --- starting and stopping ---

TEST_CASE("peers queue from construction on and are served from start", "[listener][stop]") {
  Listener listener({.insecure = true}, test::echo);
  RawPeer peer(listener.port());
  peer.send(post_request("early"));
  listener.start();
  listener.start();
  CHECK(body_of(peer.read_response()) == "early");
}

TEST_CASE("a stop that comes before start is not lost", "[listener][stop]") {
  Listener listener({.insecure = true}, test::echo);
  listener.stop();
  listener.start();
  CHECK_THROWS(RawPeer(listener.port()));
}

TEST_CASE("stopping closes idle connections and takes no new ones", "[listener][stop]") {
  PlainSite site;
  RawPeer peer(site.port());
  peer.send(post_request("x"));
  CHECK(status_of(peer.read_response()) == 200);
  site.listener().stop();
  CHECK(site.listener().connections() == 0);
  CHECK(peer.is_closed());
  CHECK_THROWS(RawPeer(site.port()));
  site.listener().stop();
}

TEST_CASE("an answer in flight is finished while stopping", "[listener][stop]") {
  Waiting waiting;
  TlsSite site(waiting.handler());
  RawPeer peer(site.url().port(), site.pki().issue("client"));
  peer.send(post_request("x"));
  auto [request, responder] = waiting.next();
  std::thread stopper([&] { site.listener().stop(); });
  // New connections are refused from some moment on: then the stop is under way.
  while (true) {
    try {
      const RawPeer late(site.url().port());
      std::this_thread::yield();
    } catch (const std::runtime_error&) {
      break;
    }
  }
  responder.send({.body = "finished"});
  const std::string response = peer.read_response();
  peer.close();
  stopper.join();
  CHECK(body_of(response) == "finished");
  CHECK_THAT(response, Contains("Connection: close\r\n"));
}

TEST_CASE("stopping does not wait for ever for a handler", "[listener][stop]") {
  Waiting waiting;
  PlainSite site(waiting.handler(), {.drain = std::chrono::milliseconds(50)});
  RawPeer peer(site.port());
  peer.send(post_request("x"));
  auto [request, responder] = waiting.next();
  site.listener().stop();
  CHECK(peer.is_closed());
  CHECK(request.gone.stop_requested());
  responder.send({.body = "too late"});
}

TEST_CASE("a handler may stop its own listener", "[listener][stop]") {
  Listener* self = nullptr;
  Listener listener({.insecure = true}, [&](const HttpRequest&, Responder responder) {
    self->stop();
    responder.send({.body = "goodbye"});
  });
  self = &listener;
  listener.start();
  RawPeer peer(listener.port());
  peer.send(post_request("stop"));
  CHECK(body_of(peer.read_all()) == "goodbye");
  peer.close();
  listener.stop();
  CHECK(listener.connections() == 0);
}

TEST_CASE("an answer that comes after the listener is gone is dropped", "[listener][stop]") {
  Waiting waiting;
  std::optional<Responder> late;
  {
    PlainSite site(waiting.handler(), {.drain = std::chrono::milliseconds(10)});
    RawPeer peer(site.port());
    peer.send(post_request("x"));
    late.emplace(waiting.next().second);
  }
  late->send({.body = "too late"});
  late.reset();
  SUCCEED("nothing happened");
}

TEST_CASE("listeners come and go under load", "[listener][stop]") {
  for (int round = 0; round < 20; ++round) {
    PlainSite site(test::echo, {.drain = std::chrono::milliseconds(10)});
    std::atomic<bool> stop = false;
    std::thread asker([&] {
      while (!stop) {
        try {
          RawPeer peer(site.port());
          peer.send(post_request("x"));
          peer.read_response();
        } catch (const std::runtime_error&) {
          return;
        }
      }
    });
    while (site.listener().connections() == 0) std::this_thread::yield();
    site.listener().stop();
    stop = true;
    asker.join();
    CHECK(site.listener().connections() == 0);
  }
}

}  // namespace
}  // namespace mplane
