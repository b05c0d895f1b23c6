#include "mplane/session/detail/log_throttle.hpp"
#include "site.hpp"
#include "support/comes_true.hpp"
#include "support/raw_peer.hpp"

#include <atomic>
#include <fcntl.h>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <unistd.h>
#include <vector>

#include <catch2/catch.hpp>

namespace mplane {
namespace {

using namespace std::string_literals;
using Catch::Contains;
using std::chrono::milliseconds;
using test::body_of;
using test::PlainSite;
using test::post_request;
using test::RawPeer;
using test::status_of;
using test::TlsSite;

template <typename Site>
void check_served(const Site& site, const HttpClientOptions& options) {
  HttpClient client(site.url(), options);
  CHECK(client.get("/").status == 200);
}

TEST_CASE("what is not HTTP is answered 400 and ends the connection", "[listener][limits]") {
  const auto [about, request] = GENERATE(table<std::string, std::string>({
      {"no HTTP", "hello\r\n\r\n"},
      {"binary", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s},
      {"no version", "GET /\r\n\r\n"},
      {"version 2", "GET / HTTP/2.0\r\nHost: x\r\n\r\n"},
      {"no host", "GET / HTTP/1.1\r\n\r\n"},
      {"two hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"},
      {"target without slash", "GET x HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"target *", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"space before colon", "GET / HTTP/1.1\r\nHost : x\r\n\r\n"},
      {"header without colon", "GET / HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n"},
      {"NUL in a header", "GET / HTTP/1.1\r\nHost: x\r\nA: \0\r\n\r\n"s},
      {"bare line feeds in the middle", "GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n"},
      {"negative length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"},
      {"length no number", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x4\r\n\r\nbody"},
      {"length too long",
       "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n"},
      {"two lengths",
       "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nbody"},
      {"length and chunks",
       "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
       "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"chunks and length",
       "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
       "Content-Length: 4\r\n\r\n0\r\n\r\n"},
      {"another coding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n"},
      {"two codings", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"},
      {"chunks in HTTP/1.0",
       "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"no chunk size",
       "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n"},
      {"chunk without end",
       "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n"},
  }));
  CAPTURE(about);
  const PlainSite site;
  RawPeer peer(site.port());
  peer.send(request);
  const std::string response = peer.read_response();
  CHECK(status_of(response) == 400);
  CHECK_THAT(body_of(response), Contains("not an HTTP request"));
  CHECK(peer.is_closed());
  CHECK_FALSE(site.log().wait_for("refused a request").empty());
  check_served(site, {});
}

TEST_CASE("a body over the limit is answered 413, however it is framed", "[listener][limits]") {
  const ListenerLimits limits{.body_bytes = 1000};
  const TlsSite site(test::echo, limits);
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\n";
  const std::string big(1001, 'x');
  const auto [about, request] = GENERATE_COPY(table<std::string, std::string>({
      {"by its length", head + "Content-Length: 1001\r\n\r\n" + big},
      {"by a length that is a lie", head + "Content-Length: 100000000000\r\n\r\n"},
      {"in one chunk", head + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + big},
      {"announced by a chunk", head + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n"},
      {"in several chunks", head + "Transfer-Encoding: chunked\r\n\r\n1f4\r\n" +
                                std::string(500, 'x') + "\r\n1f5\r\n" + std::string(501, 'x')},
      {"waiting for leave", head + "Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n"},
  }));
  CAPTURE(about);
  RawPeer peer(site.url().port(), site.pki().issue("client"));
  peer.send(request);
  const std::string response = peer.read_response();
  CHECK(status_of(response) == 413);
  CHECK_THAT(body_of(response), Contains("larger than 1000 bytes"));
  CHECK_FALSE(site.log().wait_for("refused a request", "Clients.client").empty());
  peer.close();

  HttpClient client(site.url(), site.peer());
  CHECK(client.post("/", kMediaType, std::string(1000, 'x')).body.size() == 1000);
}

TEST_CASE("a client that sends 100 MB hears why it was too much", "[listener][limits]") {
  const TlsSite site;
  HttpClient client(site.url(), site.peer());
  const HttpReply reply = client.post("/", kMediaType, std::string(100 * 1024 * 1024, 'x'));
  CHECK(reply.status == 413);
  CHECK(client.get("/").status == 200);
}

TEST_CASE("headers over the limit are answered 413", "[listener][limits]") {
  const PlainSite site(test::echo, {.header_bytes = 4096});
  const std::string start = "GET / HTTP/1.1\r\nHost: x\r\n";
  std::string many = start;
  for (int i = 0; i < 1000; ++i) many += "A" + std::to_string(i) + ": b\r\n";
  const auto [about, request] = GENERATE_COPY(table<std::string, std::string>({
      {"a long target", "GET /" + std::string(5000, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"a target without end", "GET /" + std::string(5000, 'x')},
      {"a long header", start + "A: " + std::string(5000, 'x') + "\r\n\r\n"},
      {"a header without end", start + "A: " + std::string(5000, 'x')},
      {"many headers", many + "\r\n"},
      {"headers without end", many},
      {"a method without end", std::string(5000, 'G')},
  }));
  CAPTURE(about);
  RawPeer peer(site.port());
  peer.send(request);
  const std::string response = peer.read_response();
  CHECK((status_of(response) == 413 || status_of(response) == 400));
  CHECK(peer.is_closed());
  check_served(site, {});
}

TEST_CASE("headers that never end stop at the limit, one by one", "[listener][limits]") {
  const PlainSite site(test::echo, {.header_bytes = 4096});
  RawPeer peer(site.port());
  peer.send("GET / HTTP/1.1\r\nHost: x\r\n");
  std::size_t sent = 0;
  while (sent < 1'000'000 && peer.send("A: b\r\n") && !peer.is_closed(milliseconds(0))) sent += 6;
  CHECK(sent < 100'000);
  CHECK_FALSE(site.log().wait_for("refused a request", "larger than 4096").empty());
}

TEST_CASE("chunks that are more frame than content are refused", "[listener][limits]") {
  const PlainSite site(test::echo, {.header_bytes = 4096});
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  const auto [about, repeated] = GENERATE(table<std::string, std::string>({
      {"extensions", "1;" + std::string(1000, 'x') + "\r\nx\r\n"},
      {"a size of many zeros", std::string(2000, '0')},
      {"an extension without end", "1;" + std::string(2000, 'x')},
  }));
  CAPTURE(about);
  RawPeer peer(site.port());
  peer.send(head);
  std::string body;
  for (int i = 0; i < 100; ++i) body += repeated;
  peer.send(body);
  CHECK(status_of(peer.read_response()) == 400);
  CHECK(peer.is_closed());
  check_served(site, {});
}

TEST_CASE("a request that is not complete in time is answered 408", "[listener][limits]") {
  const PlainSite site(test::echo, {.header = milliseconds(40), .body = milliseconds(40)});
  const auto [about, request] = GENERATE(table<std::string, std::string>({
      {"one byte", "G"},
      {"half a header", "GET / HTTP/1.1\r\nHost: x\r\nA: "},
      {"half a body", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"},
      {"half the chunks", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx"},
  }));
  CAPTURE(about);
  RawPeer peer(site.port());
  peer.send(request);
  CHECK(status_of(peer.read_response()) == 408);
  CHECK(peer.is_closed());
  CHECK_FALSE(
      site.log().wait_for("refused a request", "was not complete within 40 ms, the limit").empty());
}

TEST_CASE("a header sent byte by byte does not gain time by it", "[listener][limits]") {
  const PlainSite site(test::echo, {.header = milliseconds(50)});
  RawPeer peer(site.port());
  const auto begin = std::chrono::steady_clock::now();
  while (peer.send("A") && !peer.is_closed(milliseconds(5))) {
    REQUIRE(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
  }
  CHECK_FALSE(site.log().wait_for("refused a request").empty());
}

TEST_CASE("idle connections are closed in time", "[listener][limits]") {
  const TlsSite site(test::echo, {.idle = milliseconds(40)});
  RawPeer used(site.url().port(), site.pki().issue("client"));
  used.send(post_request("x"));
  CHECK(status_of(used.read_response()) == 200);
  RawPeer unused(site.url().port(), site.pki().issue("client"));
  CHECK(used.is_closed());
  CHECK(unused.is_closed());
}

TEST_CASE("a handshake that is not finished in time is given up", "[listener][limits]") {
  const TlsSite site(test::echo, {.handshake = milliseconds(40)});
  RawPeer silent(site.url().port());
  CHECK(silent.is_closed());
  CHECK_FALSE(site.log().wait_for("not finished in time").empty());
}

TEST_CASE("an answer that is not taken in time is given up", "[listener][limits]") {
  const PlainSite site(
      [](const HttpRequest&, Responder responder) {
        responder.send({.body = std::string(50'000'000, 'x')});
      },
      {.write = milliseconds(50)});
  RawPeer peer(site.port());
  peer.send(post_request("x"));
  CHECK_FALSE(site.log().wait_for("not taken in time").empty());
}

TEST_CASE("the deadline of a request does not run while its answer is made", "[listener][limits]") {
  std::optional<Responder> kept;
  std::atomic<bool> asked = false;
  const PlainSite site(
      [&](const HttpRequest&, Responder responder) {
        kept.emplace(std::move(responder));
        asked = true;
      },
      {.header = milliseconds(10), .body = milliseconds(10), .idle = milliseconds(10)});
  RawPeer peer(site.port());
  peer.send(post_request("x"));
  while (!asked) std::this_thread::yield();
  CHECK_FALSE(peer.is_closed(milliseconds(60)));
  kept->send({.body = "patience"});
  CHECK(body_of(peer.read_response()) == "patience");
}

TEST_CASE("a cut connection harms nobody else", "[listener][limits]") {
  const TlsSite site;
  for (const char* const part : {"", "POS", "POST / HTTP/1.1\r\nHost: x\r\n",
                                 "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf"}) {
    for (const bool abruptly : {false, true}) {
      RawPeer peer(site.url().port(), site.pki().issue("client"));
      peer.send(part);
      peer.close(abruptly);
    }
  }
  check_served(site, site.peer());
}

TEST_CASE("peers over the limit of connections are told so", "[listener][limits]") {
  TlsSite site(test::echo, {.connections = 2});
  const TlsOptions files = site.pki().issue("client");
  std::vector<std::unique_ptr<RawPeer>> peers;
  for (int i = 0; i < 2; ++i) {
    peers.push_back(std::make_unique<RawPeer>(site.url().port(), files));
    peers.back()->send(post_request("x"));
    CHECK(status_of(peers.back()->read_response()) == 200);
  }
  RawPeer third(site.url().port(), files);
  third.send(post_request("x"));
  const std::string response = third.read_response();
  CHECK(status_of(response) == 503);
  CHECK_THAT(body_of(response), Contains("more than 2 connections"));
  CHECK(third.is_closed());
  third.close();

  peers.front()->send(post_request("still here"));
  CHECK(body_of(peers.front()->read_response()) == "still here");
  peers.front()->close();
  while (site.listener().connections() > 1) std::this_thread::yield();
  RawPeer fourth(site.url().port(), files);
  fourth.send(post_request("x"));
  CHECK(status_of(fourth.read_response()) == 200);
}

TEST_CASE("one identity over its limit is told so, others are served", "[listener][limits]") {
  TlsSite site(test::echo, {.connections_per_identity = 1});
  const TlsOptions greedy = site.pki().issue("greedy");
  RawPeer first(site.url().port(), greedy);
  first.send(post_request("x"));
  CHECK(status_of(first.read_response()) == 200);
  RawPeer second(site.url().port(), greedy);
  second.send(post_request("x"));
  const std::string response = second.read_response();
  CHECK(status_of(response) == 429);
  CHECK_THAT(body_of(response), Contains("more than 1 connections of") && Contains("greedy"));
  CHECK(second.is_closed());
  second.close();
  check_served(site, site.peer("modest"));

  first.close();
  while (site.listener().connections() > 0) std::this_thread::yield();
  RawPeer third(site.url().port(), greedy);
  third.send(post_request("x"));
  CHECK(status_of(third.read_response()) == 200);
}

TEST_CASE("a flood of refusals does not flood the log", "[listener][limits]") {
  const PlainSite site;
  constexpr std::size_t kRefusals = 500;
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < kRefusals; ++i) {
    RawPeer peer(site.port());
    peer.send("nonsense\r\n\r\n");
    CHECK(status_of(peer.read_response()) == 400);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const double most = detail::LogThrottle::kBurst + detail::LogThrottle::kPerSecond * took.count();
  CHECK(static_cast<double>(site.log().lines().size()) < most + 10);
}

TEST_CASE("what is left out of the log is counted in it", "[listener][limits]") {
  detail::LogThrottle throttle;
  const detail::LogThrottle::Clock::time_point start{std::chrono::hours(1)};
  int logged = 0;
  for (int i = 0; i < 150; ++i) logged += throttle.admit(start) ? 1 : 0;
  CHECK(logged == 100);
  CHECK_FALSE(throttle.admit(start + milliseconds(99)));
  CHECK(throttle.admit(start + milliseconds(100)) == 51U);
  CHECK(throttle.admit(start + std::chrono::hours(1)) == 0U);
}

TEST_CASE("half-open handshakes drive out one another, not known peers", "[listener][limits]") {
  TlsSite site(test::echo, {.handshakes = 4});
  HttpClient known(site.url(), site.peer());
  CHECK(known.get("/").status == 200);
  std::vector<std::unique_ptr<RawPeer>> silent;
  for (int i = 0; i < 8; ++i) silent.push_back(std::make_unique<RawPeer>(site.url().port()));
  CHECK(silent.front()->is_closed());
  CHECK_FALSE(site.log().wait_for("too many unfinished handshakes").empty());
  check_served(site, site.peer());
  CHECK(known.get("/").status == 200);
}

TEST_CASE("without free descriptors a listener pauses and goes on", "[listener][limits]") {
  PlainSite site;
  check_served(site, {});
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  RawPeer placeholder(site.port());
  placeholder.send(post_request("x"));
  placeholder.read_response();
  // Whoever else came or went would take or free a descriptor meanwhile.
  REQUIRE(test::comes_true([&] { return site.listener().connections() == 1; }));
  std::vector<int> hoard;
  rlimit few = before;
  few.rlim_cur = 200;
  setrlimit(RLIMIT_NOFILE, &few);
  for (int fd = 0; (fd = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;) hoard.push_back(fd);
  REQUIRE_FALSE(hoard.empty());
  close(hoard.back());  // one for the peer's own socket
  hoard.pop_back();
  {
    RawPeer waiting(site.port());
    const std::string line = site.log().wait_for("no connections are taken");
    for (const int fd : hoard) close(fd);
    setrlimit(RLIMIT_NOFILE, &before);
    CHECK_THAT(line, Contains("Too many open files"));
    waiting.send(post_request("patience"));
    CHECK(body_of(waiting.read_response()) == "patience");
  }
}

TEST_CASE("what happens at a listener is counted", "[listener][limits]") {
  TlsSite site(test::echo, {.body_bytes = 4});
  RawPeer(site.url().port()).send("garbage that is no handshake");
  CHECK_FALSE(site.log().wait_for("refused a TLS handshake").empty());
  RawPeer peer(site.url().port(), site.pki().issue("client"));
  peer.send(post_request("x"));
  peer.read_response();
  peer.send(post_request("too large"));
  peer.read_response();
  const ListenerCounts counts = site.listener().counts();
  CHECK(counts.accepted == 2);
  CHECK(counts.handshakes_refused <= 1);  // it may still linger
  CHECK(counts.turned_away == 0);
  CHECK(counts.answers == std::map<int, std::uint64_t>{{200, 1}, {413, 1}});
}

TEST_CASE("a listener that is held up does not turn, and does again", "[listener][limits]") {
  std::promise<void> entered;
  std::promise<void> leave;
  PlainSite site([&](HttpRequest request, Responder responder) {
    entered.set_value();
    leave.get_future().wait();
    test::echo(std::move(request), std::move(responder));
  });
  CHECK(site.listener().turns_within(std::chrono::seconds(10)));
  RawPeer peer(site.port());
  peer.send(post_request("x"));
  entered.get_future().wait();
  CHECK_FALSE(site.listener().turns_within(std::chrono::milliseconds(20)));
  leave.set_value();
  CHECK(site.listener().turns_within(std::chrono::seconds(10)));
  site.listener().stop();
  CHECK_FALSE(site.listener().turns_within(std::chrono::milliseconds(20)));
}

}  // namespace
}  // namespace mplane
