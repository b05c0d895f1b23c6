#include "site.hpp"
#include "support/raw_peer.hpp"

#include <string>

#include <catch2/catch.hpp>

namespace mplane {
namespace {

using Catch::Contains;
using test::body_of;
using test::post_request;
using test::RawPeer;
using test::status_of;
using test::TestPki;
using test::TlsSite;

std::string failure_of(HttpClient& client) {
  try {
    client.get("/");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::Unreachable);
    return error.message();
  }
  return "";
}

void check_served(const TlsSite& site) {
  HttpClient client(site.url(), site.peer("honest"));
  CHECK(client.get("/").status == 200);
}

TEST_CASE("a peer without a certificate is refused, and told so", "[listener][tls]") {
  bool asked = false;
  const TlsSite site([&](const HttpRequest& request, Responder responder) {
    asked = asked || request.peer.text().empty();
    responder.send({});
  });
  HttpClient client(site.url(), {.tls = TlsContext(site.pki().without_certificate())});
  CHECK_THAT(failure_of(client), Contains("certificate required"));
  CHECK_THAT(site.log().wait_for("refused a TLS handshake"),
             Contains("peer=127.0.0.1:") && Contains("did not return a certificate"));
  check_served(site);
  CHECK_FALSE(asked);
}

TEST_CASE("a peer with another authority's certificate is refused by name", "[listener][tls]") {
  const TlsSite site;
  const TestPki elsewhere("Elsewhere");
  TlsOptions files = elsewhere.issue("mallory");
  files.ca = site.pki().issue("x").ca;
  HttpClient client(site.url(), {.tls = TlsContext(files)});
  CHECK_THAT(failure_of(client), Contains("refused our connection") && Contains("unknown ca"));
  CHECK_THAT(site.log().wait_for("refused a TLS handshake"),
             Contains("subject=org.mplane.Elsewhere.Clients.mallory") &&
                 Contains("unable to get local issuer certificate"));
  check_served(site);
}

TEST_CASE("an expired certificate is refused by name", "[listener][tls]") {
  const TlsSite site;
  RawPeer peer(site.url().port(), site.pki().issue_expired("old"));
  peer.send(post_request("x"));
  CHECK(peer.read_all().empty());
  CHECK_THAT(peer.tls_failure(), Contains("expired"));
  CHECK_THAT(site.log().wait_for("refused a TLS handshake", "Clients.old"),
             Contains("certificate has expired"));
  check_served(site);
}

TEST_CASE("a revoked certificate is refused by name", "[listener][tls]") {
  const TestPki pki;
  const TlsOptions good = pki.issue("good");
  const TlsOptions bad = pki.issue("bad");
  TlsOptions server = pki.issue("server");
  server.crl = pki.revoke({"bad"});
  test::LogBook log;
  Listener listener({.tls = TlsContext(server), .log = log.sink()}, test::echo);
  listener.start();
  RawPeer refused(listener.port(), bad);
  refused.send(post_request("x"));
  CHECK(refused.read_all().empty());
  CHECK_THAT(refused.tls_failure(), Contains("revoked"));
  CHECK_THAT(log.wait_for("refused a TLS handshake"), Contains("Clients.bad"));
  RawPeer welcome(listener.port(), good);
  welcome.send(post_request("x"));
  CHECK(status_of(welcome.read_response()) == 200);
}

TEST_CASE("a certificate that is its own authority is refused", "[listener][tls]") {
  const TlsSite site;
  const TestPki other("Test");  // the same names, another key
  RawPeer peer(site.url().port(), other.issue("client"));
  peer.send(post_request("x"));
  CHECK(peer.read_all().empty());
  CHECK_FALSE(site.log().wait_for("refused a TLS handshake", "Clients.client").empty());
}

TEST_CASE("a certificate that could be read as another's is refused", "[listener][tls]") {
  const TlsSite site;
  const auto folder = site.pki().folder().path();
  const pki::Credential credential = pki::issue(
      site.pki().authority(), {.subject = {{{"O", "Test"}, {"OU", "Multi"}}, {{"CN", "m"}}},
                               .dns = {"localhost"},
                               .validity = test::valid_today()});
  const TlsOptions files{.ca = folder / "ca.crt",
                         .cert = site.pki().folder().write("m.crt", credential.certificate),
                         .key = site.pki().folder().write("m.key", credential.key)};
  RawPeer peer(site.url().port(), files);
  peer.send(post_request("x"));
  CHECK(peer.read_all().empty());
  CHECK_THAT(site.log().wait_for("refused a TLS handshake"),
             Contains("subject=Test.m") && Contains("(O=Test + OU=Multi)") &&
                 Contains("could be read as another identity"));
  check_served(site);
  CHECK_THROWS_WITH(TlsContext(files), Contains("could be read as another identity"));
}

TEST_CASE("TLS before 1.2 is refused", "[listener][tls]") {
  const TlsSite site;
  const RawPeer old(site.url().port(), site.pki().issue("client"), RawPeer::Protocol::Tls11);
  CHECK_THAT(old.tls_failure(), Contains("protocol version"));
  CHECK_FALSE(site.log().wait_for("refused a TLS handshake", "unsupported protocol").empty());
}

TEST_CASE("TLS 1.2 and 1.3 are served", "[listener][tls]") {
  const TlsSite site;
  const auto protocol = GENERATE(RawPeer::Protocol::Tls12, RawPeer::Protocol::Tls13);
  RawPeer peer(site.url().port(), site.pki().issue("client"), protocol);
  for (const char* const body : {"one", "two"}) {
    peer.send(post_request(body));
    CHECK(body_of(peer.read_response()) == body);
  }
  CHECK(peer.tls_failure().empty());
}

TEST_CASE("a session can be resumed, and the peer is still known", "[listener][tls]") {
  const TlsSite site;
  const TlsOptions files = site.pki().issue("client");
  const auto protocol = GENERATE(RawPeer::Protocol::Tls12, RawPeer::Protocol::Tls13);
  RawPeer first(site.url().port(), files, protocol);
  first.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(body_of(first.read_response()) == "org.mplane.Test.Clients.client /1");
  RawPeer second(site.url().port(), files, protocol, first);
  second.send("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(body_of(second.read_response()) == "org.mplane.Test.Clients.client /2");
  CHECK(second.is_resumed());
}

TEST_CASE("new certificates serve new connections, old connections stay", "[listener][tls]") {
  TlsSite site;
  HttpClient old(site.url(), site.peer());
  CHECK(old.get("/").peer == site.pki().identity("server"));
  RawPeer before(site.url().port(), site.pki().issue("client"));
  before.send(post_request("x"));
  CHECK(status_of(before.read_response()) == 200);

  site.listener().use(TlsContext(site.pki().issue("renewed")));
  HttpClient fresh(site.url(), site.peer());
  CHECK(fresh.get("/").peer == site.pki().identity("renewed"));
  CHECK(old.get("/").peer == site.pki().identity("server"));
  RawPeer after(site.url().port(), site.pki().issue("client"), RawPeer::Protocol::Any, before);
  after.send(post_request("y"));
  CHECK(status_of(after.read_response()) == 200);
  CHECK_FALSE(after.is_resumed());
}

TEST_CASE("who is revoked while connected is served no further, others are", "[listener][tls]") {
  TlsSite site;
  RawPeer good(site.url().port(), site.pki().issue("good"));
  RawPeer bad(site.url().port(), site.pki().issue("bad"));
  for (RawPeer* const peer : {&good, &bad}) {
    peer->send(post_request("before"));
    CHECK(body_of(peer->read_response()) == "before");
  }
  TlsOptions server = site.pki().issue("renewed");
  server.crl = site.pki().revoke({"bad"});
  site.listener().use(TlsContext(server));

  good.send(post_request("after"));
  CHECK(body_of(good.read_response()) == "after");
  bad.send(post_request("after"));
  const std::string answer = bad.read_all();
  CHECK(status_of(answer) == 403);
  CHECK_THAT(body_of(answer), Contains("not believed any more: certificate revoked"));
  CHECK_FALSE(site.log().wait_for("a request failed", "Clients.bad").empty());
  good.send(post_request("still"));
  CHECK(body_of(good.read_response()) == "still");
}

TEST_CASE("peers of an authority that is believed no more go, also with a resumed session",
          "[listener][tls]") {
  TlsSite site;
  const TestPki other("Other");
  const TlsOptions files = site.pki().issue("client");
  RawPeer first(site.url().port(), files);
  first.send(post_request("x"));
  CHECK(status_of(first.read_response()) == 200);
  RawPeer resumed(site.url().port(), files, RawPeer::Protocol::Any, first);
  resumed.send(post_request("x"));
  CHECK(status_of(resumed.read_response()) == 200);
  CHECK(resumed.is_resumed());

  site.listener().use(TlsContext(other.issue("server")));
  first.send(post_request("y"));
  CHECK(status_of(first.read_all()) == 403);
  resumed.send(post_request("y"));
  resumed.read_all();  // served for the last time, or not: it is unclear who vouches for it
  CHECK(resumed.is_closed());
}

TEST_CASE("certificates that do not fit the listener are refused", "[listener][tls]") {
  TlsSite site;
  CHECK_THROWS_AS(site.listener().use(TlsContext(site.pki().without_certificate())), Error);
  test::PlainSite plain;
  CHECK_THROWS_AS(plain.listener().use(TlsContext(site.pki().issue("x"))), Error);
  check_served(site);
}

TEST_CASE("who speaks plain HTTP to the TLS port is told so", "[listener][tls]") {
  const TlsSite site;
  RawPeer peer(site.url().port());
  peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string answer = peer.read_all();
  CHECK(status_of(answer) == 400);
  CHECK(body_of(answer) == "This port speaks HTTPS only\n");
  CHECK_FALSE(site.log().wait_for("refused a TLS handshake", "http request").empty());
}

TEST_CASE("garbage instead of a handshake is refused", "[listener][tls]") {
  const TlsSite site;
  RawPeer garbage(site.url().port());
  garbage.send(std::string(1000, '\x16'));
  CHECK(garbage.is_closed());
  RawPeer cut(site.url().port());
  cut.send("\x16\x03\x01\x02");
  cut.close();
  CHECK_FALSE(site.log().wait_for("refused a TLS handshake", "cut").empty());
  check_served(site);
}

TEST_CASE("garbage after the handshake ends the connection", "[listener][tls]") {
  const TlsSite site;
  RawPeer peer(site.url().port(), site.pki().issue("client"));
  peer.send(post_request("x"));
  CHECK(status_of(peer.read_response()) == 200);
  peer.send_beneath(std::string(1000, 'x'));
  CHECK(peer.is_closed());
  check_served(site);
}

TEST_CASE("a connection without a request is nothing to talk about", "[listener][tls]") {
  const TlsSite site;
  {
    RawPeer peer(site.url().port(), site.pki().issue("client"));
    peer.close();
  }
  check_served(site);
  CHECK(site.log().lines().empty());
}

}  // namespace
}  // namespace mplane
