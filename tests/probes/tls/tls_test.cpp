#include "mplane/probes/tls.hpp"

#include "mplane/probe/target_policy.hpp"
#include "probes/dns_reply.hpp"
#include "probes/listening.hpp"
#include "probes/name_server.hpp"
#include "probes/service_rig.hpp"
#include "probes/tls_server.hpp"
#include "support/link/two_hosts.hpp"
#include "support/pki.hpp"

#include <chrono>
#include <cstdint>
#include <future>
#include <stop_token>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

/// A server with a certificate of its own authority.
struct Secure {
  Secure(const NetworkNamespace& network, const std::string& host, const TlsOptions& files)
      : tls(files.cert, files.key), server(network, host, [this](int c) { tls.serve(c, {}); }) {}

  TlsServer tls;
  Listening server;
};

ServiceRig::Make probe(const std::string& ca_file, TargetCheck check = {}) {
  return [ca_file, check](Engine& engine) {
    return make_tls(probes_elements(), {{"wait", "1s"}, {"ca-file", ca_file}},
                    {.engine = engine, .check_target = check});
  };
}

Texts to(const std::string& name, unsigned port) {
  return {{"destination.name", name}, {"destination.port", std::to_string(port)}};
}

std::string text(const Result& result, std::string_view column) {
  return result.rows()[0].get<std::string>(column);
}

}  // namespace

TEST_CASE("a handshake tells what was agreed upon and whom it was with", "[tls][network]") {
  const TestPki pki;
  const TlsOptions files = pki.issue("server");
  const std::string host = GENERATE("127.0.0.1", "::1");
  const Secure secure(NetworkNamespace::current(), host, files);
  ServiceRig rig(probe(files.ca));
  const std::string label = host == "::1" ? "tls-handshake-ip6" : "tls-handshake-ip4";
  const Result result = rig.result(label, to(host, secure.server.port()));
  const Row row = result.rows()[0];
  CHECK(text(result, "tls.outcome") == "established");
  CHECK(text(result, "tls.version") == "TLSv1.3");
  CHECK_FALSE(text(result, "tls.cipher").empty());
  CHECK_FALSE(text(result, "tls.group").empty());
  CHECK_THAT(text(result, "certificate.subject"), Catch::Contains("CN=server"));
  CHECK_THAT(text(result, "certificate.issuer"), Catch::Contains("CN=Authority"));
  CHECK(text(result, "certificate.names") == "localhost,127.0.0.1,::1");
  CHECK(row.get<bool>("certificate.trusted"));
  CHECK(row.get<bool>("certificate.matches"));
  CHECK_FALSE(row.has_value("certificate.problem"));
  CHECK(row.get<Instant>("certificate.start") < row.get<Instant>("certificate.end"));
  CHECK(row.get<std::uint64_t>("delay.handshake.tls.us") > 0);
}

TEST_CASE("the handshake's time is apart from the connection's", "[tls][network]") {
  const TestPki pki;
  const TlsOptions files = pki.issue("server");
  const TwoHosts hosts({.a_to_b = {.delay = 20ms}, .b_to_a = {.delay = 20ms}});
  const Secure secure(hosts.b(), TwoHosts::kB4, files);
  ServiceRig rig(hosts.a(), probe(files.ca));
  const Result result = rig.result("tls-handshake-ip4", to(TwoHosts::kB4, secure.server.port()));
  const Row row = result.rows()[0];
  CHECK(row.get<std::uint64_t>("delay.connect.tcp.us") >= 40'000);
  CHECK(row.get<std::uint64_t>("delay.handshake.tls.us") >= 40'000);  // one round trip of TLS 1.3
  CHECK(row.get<std::uint64_t>("delay.handshake.tls.us") < 500'000);
  CHECK_FALSE(row.get<bool>("certificate.matches"));  // it is for 127.0.0.1
}

TEST_CASE("a certificate that is not to be trusted is told of, not refused", "[tls][network]") {
  const TestPki pki;
  const TestPki other;
  const NetworkNamespace here = NetworkNamespace::current();
  const Secure expired(here, "127.0.0.1", pki.issue_expired("server"));
  const Secure stranger(here, "127.0.0.1", other.issue("server"));
  const Secure elsewhere(here, "127.0.0.1", pki.issue_for("server", {"elsewhere.example"}, {}));
  ServiceRig rig(probe(pki.issue("client").ca));
  const Result old = rig.result("tls-handshake-ip4", to("localhost", expired.server.port()));
  CHECK_FALSE(old.rows()[0].get<bool>("certificate.trusted"));
  CHECK_THAT(text(old, "certificate.problem"), Catch::Contains("expired"));
  const Result foreign = rig.result("tls-handshake-ip4", to("localhost", stranger.server.port()));
  CHECK_FALSE(foreign.rows()[0].get<bool>("certificate.trusted"));
  CHECK(foreign.rows()[0].get<bool>("certificate.matches"));
  const Result wrong = rig.result("tls-handshake-ip4", to("localhost", elsewhere.server.port()));
  CHECK(wrong.rows()[0].get<bool>("certificate.trusted"));
  CHECK_FALSE(wrong.rows()[0].get<bool>("certificate.matches"));
}

TEST_CASE("servers that speak something else, hang up or say nothing fail in words",
          "[tls][network]") {
  const TestPki pki;
  const NetworkNamespace here = NetworkNamespace::current();
  const Listening plain(here, "127.0.0.1", [](int connection) {
    char block[512];
    if (::recv(connection, block, sizeof block, 0) <= 0) return;
    ::send(connection, "HTTP/1.0 400 Bad Request\r\n\r\n", 28, 0);
  });
  const Listening hangs_up(here, "127.0.0.1");
  const Listening silent(here, "127.0.0.1", [](int connection) {
    char block[4096];
    while (::recv(connection, block, sizeof block, 0) > 0) {
    }
  });
  ServiceRig rig(probe(pki.issue("client").ca));
  const Result odd = rig.result("tls-handshake-ip4", to("127.0.0.1", plain.port()));
  CHECK(text(odd, "tls.outcome") == "failed");
  CHECK_FALSE(text(odd, "tls.problem").empty());
  CHECK(odd.rows()[0].has_value("delay.connect.tcp.us"));
  CHECK_FALSE(odd.rows()[0].has_value("delay.handshake.tls.us"));
  const Result ended = rig.result("tls-handshake-ip4", to("127.0.0.1", hangs_up.port()));
  CHECK(text(ended, "tls.outcome") == "failed");
  const Result nothing = rig.result("tls-handshake-ip4", to("127.0.0.1", silent.port()));
  CHECK(text(nothing, "tls.outcome") == "timed-out");
  CHECK(text(rig.result("tls-handshake-ip4", to("127.0.0.1", 9)), "tls.outcome") == "refused");
}

TEST_CASE("names that lead nowhere, or where one must not measure", "[tls][network]") {
  const TestPki pki;
  const std::string ca = pki.issue("client").ca;
  ServiceRig rig(probe(ca));
  const Result nowhere = rig.result("tls-handshake-ip6", to("127.0.0.1", 443));
  CHECK(text(nowhere, "tls.outcome") == "unresolved");
  CHECK(text(nowhere, "tls.problem") == "it is no IPv6 host");
  const TargetPolicy policy;
  ServiceRig careful(probe(ca, [policy](const Address& target) { policy.check(target); }));
  CHECK_THAT(careful.exception("tls-handshake-ip4", to("localhost", 443)),
             Catch::Contains("loopback"));
}

TEST_CASE("a run has time for name, connection and handshake before it is cut off", "[tls]") {
  const TestPki pki;
  ServiceRig rig(probe(pki.issue("client").ca));
  CHECK(rig.service("tls-handshake-ip4").policy.grace > 5s + 1s + 1s);
}

TEST_CASE("a handshake that is stopped says that it was interrupted", "[tls][network]") {
  const TwoHosts hosts({.a_to_b = {.loss = 1}});
  const TestPki pki;
  ServiceRig rig(hosts.a(), probe(pki.issue("client").ca));
  std::stop_source stop;
  auto later = rig.start("tls-handshake-ip4", "now", to(TwoHosts::kB4, 443), stop.get_token());
  while (hosts.log().empty()) std::this_thread::yield();
  stop.request_stop();
  CHECK(text(std::get<Result>(later.get()), "tls.outcome") == "interrupted");
}

TEST_CASE("a name is proved with and without its last dot", "[tls][network]") {
  const NetworkNamespace here = NetworkNamespace::current();
  const NameServer names(here, "127.0.0.1", [](const Packet& query, bool) {
    return std::vector<Packet>{DnsReply(query).answer(1, {127, 0, 0, 1}).packet()};
  });
  const TestPki pki;
  const TlsOptions files = pki.issue_for("server", {"www.example.org"}, {});
  const Secure secure(here, "127.0.0.1", files);
  ServiceRig rig([&](Engine& engine) {
    return make_tls(probes_elements(),
                    {{"ca-file", files.ca}, {"resolver", "127.0.0.1:" + names.port()}},
                    {.engine = engine});
  });
  for (const std::string name : {"www.example.org", "www.example.org."}) {
    CAPTURE(name);
    const Result result = rig.result("tls-handshake-ip4", to(name, secure.server.port()));
    CHECK(text(result, "tls.outcome") == "established");
    CHECK(result.rows()[0].get<bool>("certificate.matches"));
  }
}

TEST_CASE("a hundred handshakes at once have an outcome each", "[tls][network]") {
  const TestPki pki;
  const TlsOptions files = pki.issue("server");
  const Secure secure(NetworkNamespace::current(), "127.0.0.1", files);
  ServiceRig rig([&](Engine& engine) {
    return make_tls(probes_elements(), {{"wait", "20s"}, {"ca-file", files.ca}},
                    {.engine = engine});
  });
  std::vector<std::future<Outcome>> outcomes;
  for (int n = 0; n < 100; ++n) {
    outcomes.push_back(
        rig.start("tls-handshake-ip4", "now", to("127.0.0.1", secure.server.port())));
  }
  int established = 0;
  for (auto& one : outcomes) {
    established += text(std::get<Result>(one.get()), "tls.outcome") == "established";
  }
  CHECK(established == 100);
}

TEST_CASE("settings and registry of tls have to be right", "[tls]") {
  Engine engine;
  const ProbeContext context{.engine = engine};
  CHECK_THROWS_WITH(make_tls(probes_elements(), {{"resolver", "dns.example"}}, context),
                    Catch::Contains("resolver: \"dns.example\" is no server"));
  CHECK_THROWS_WITH(make_tls(probes_elements(), {{"ca", "x"}}, context),
                    Catch::Contains("ca: tls has no such setting"));
  CHECK_THROWS_WITH(make_tls(Registry::core(), {}, context),
                    Catch::Contains("tls needs the registry"));
}

TEST_CASE("authorities that cannot be read are a mistake of the configuration", "[tls]") {
  Engine engine;
  CHECK_THROWS_WITH(
      make_tls(probes_elements(), {{"ca-file", "/nowhere/ca.crt"}}, {.engine = engine}),
      Catch::Contains("ca-file: /nowhere/ca.crt"));
}
