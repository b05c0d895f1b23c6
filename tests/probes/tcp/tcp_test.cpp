#include "mplane/probes/tcp.hpp"

#include "mplane/probe/target_policy.hpp"
#include "probes/listening.hpp"
#include "probes/service_rig.hpp"
#include "support/link/two_hosts.hpp"
#include "support/link/veth_hosts.hpp"

#include <chrono>
#include <cstdint>
#include <future>
#include <string>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

ServiceRig::Make probe(const Texts& settings = {{"wait", "500ms"}}, TargetCheck check = {}) {
  return [settings, check](Engine& engine) {
    return make_tcp(probes_elements(), settings, {.engine = engine, .check_target = check});
  };
}

Texts to(const std::string& name, unsigned port) {
  return {{"destination.name", name}, {"destination.port", std::to_string(port)}};
}

std::string outcome(const Result& result) {
  return result.rows()[0].get<std::string>("connect.outcome");
}

/// Has b forward what a sends elsewhere.
void make_router(const NetworkNamespace& a, const NetworkNamespace& b) {
  b.set("ipv4/ip_forward", "1");
  b.set("ipv6/conf/all/forwarding", "1");
  b.set("ipv4/icmp_ratelimit", "0");
  b.set("ipv6/icmp/ratelimit", "0");
  a.run("ip route add default via 10.77.0.2");
  a.run("ip route add default via fd77::2");
}

/// A host behind the router to which it has a route of such a type, as "prohibit".
std::string behind(const NetworkNamespace& router, bool ip4, const std::string& type) {
  router.run((ip4 ? "ip route add " : "ip -6 route add ") + type +
             (ip4 ? " 198.51.100.0/24" : " 2001:db8::/32"));
  return ip4 ? "198.51.100.7" : "2001:db8::7";
}

}  // namespace

TEST_CASE("a connection has a delay, and the kernel's own", "[tcp][network]") {
  const std::string family = GENERATE("ip4", "ip6");
  const TwoHosts hosts({.a_to_b = {.delay = 10ms}, .b_to_a = {.delay = 10ms}});
  const Listening server(hosts.b(), family == "ip4" ? TwoHosts::kB4 : TwoHosts::kB6);
  ServiceRig rig(hosts.a(), probe());
  const Result result = rig.result("tcp-connect-" + family, to(server.host(), server.port()));
  const Row row = result.rows()[0];
  CHECK(outcome(result) == "connected");
  CHECK(to_string(row.get<Address>("destination." + family)) == server.host());
  CHECK(row.get<std::uint64_t>("delay.connect.tcp.us") >= 20'000);
  CHECK(row.get<std::uint64_t>("rtt.us") >= 20'000);
  CHECK(row.get<std::uint64_t>("rtt.us") <= row.get<std::uint64_t>("delay.connect.tcp.us"));
  CHECK(row.get<std::uint64_t>("retransmissions.tcp") == 0);
  CHECK(row.get<std::uint64_t>("octets.segment.tcp") > 1'000);
  CHECK(row.get<std::uint64_t>("source.port") > 0);
  CHECK(result.find_metadata("timestamps.source")->get<std::string>() == "user");
  CHECK(result.find_metadata("clock.error.us") != nullptr);
}

TEST_CASE("a port that nobody listens at refuses, and that is an answer", "[tcp][network]") {
  const std::string family = GENERATE("ip4", "ip6");
  const TwoHosts hosts({.a_to_b = {.delay = 5ms}});
  ServiceRig rig(hosts.a(), probe());
  const std::string target = family == "ip4" ? TwoHosts::kB4 : TwoHosts::kB6;
  const Result result = rig.result("tcp-connect-" + family, to(target, 9));
  CHECK(outcome(result) == "refused");
  CHECK(result.rows()[0].get<std::uint64_t>("delay.connect.tcp.us") >= 5'000);
  CHECK_FALSE(result.rows()[0].has_value("rtt.us"));
}

TEST_CASE("silence is told apart from refusal", "[tcp][network]") {
  const TwoHosts hosts({.a_to_b = {.loss = 1}});
  ServiceRig rig(hosts.a(), probe());
  const Result result = rig.result("tcp-connect-ip4", to(TwoHosts::kB4, 9));
  CHECK(outcome(result) == "timed-out");
  CHECK_FALSE(result.rows()[0].has_value("delay.connect.tcp.us"));
}

TEST_CASE("a firewall's word and a router's are told apart, with who said it", "[tcp][network]") {
  struct Row {
    std::string family, route, outcome;
    std::uint64_t type, code;
  };
  const auto row = GENERATE(values<Row>({{"ip4", "prohibit", "prohibited", 3, 13},
                                         {"ip4", "unreachable", "unreachable", 3, 1},
                                         {"ip6", "prohibit", "prohibited", 1, 1},
                                         {"ip6", "unreachable", "unreachable", 1, 0}}));
  const bool ip4 = row.family == "ip4";
  const TwoHosts hosts({});
  make_router(hosts.a(), hosts.b());
  const std::string target = behind(hosts.b(), ip4, row.route);
  ServiceRig rig(hosts.a(), probe());
  const Result result = rig.result("tcp-connect-" + row.family, to(target, 80));
  CHECK(outcome(result) == row.outcome);
  CHECK(result.rows()[0].get<std::uint64_t>("icmp.type") == row.type);
  CHECK(result.rows()[0].get<std::uint64_t>("icmp.code") == row.code);
  CHECK(to_string(result.rows()[0].get<Address>("intermediate." + row.family)) ==
        (ip4 ? TwoHosts::kB4 : TwoHosts::kB6));
}

// Here it comes while the kernel still sends the SYN.
TEST_CASE("a router's word ends an attempt however early it comes", "[tcp][network]") {
  const std::string family = GENERATE("ip4", "ip6");
  const VethHosts hosts;
  make_router(hosts.a(), hosts.b());
  const std::string target = behind(hosts.b(), family == "ip4", "unreachable");
  ServiceRig rig(hosts.a(), probe());
  for (int attempt = 0; attempt < 5; ++attempt) {  // then Linux has the router speak more rarely
    const Result result = rig.result("tcp-connect-" + family, to(target, 80));
    CHECK(outcome(result) == "unreachable");
    CHECK(result.rows()[0].has_value("intermediate." + family));
  }
}

TEST_CASE("without a route a target is unreachable, and nobody said so", "[tcp][network]") {
  const NetworkNamespace network;
  ServiceRig rig(network, probe());
  const Result result = rig.result("tcp-connect-ip4", to("192.0.2.1", 80));
  CHECK(outcome(result) == "unreachable");
  CHECK_FALSE(result.rows()[0].has_value("icmp.type"));
}

TEST_CASE("a SYN that was lost shows as a retransmission", "[tcp][network]") {
  const TwoHosts hosts({.a_to_b = {.loss = 0.5}, .seed = 4});
  const Listening server(hosts.b(), TwoHosts::kB4);
  ServiceRig rig(hosts.a(), probe({{"wait", "20s"}}));
  bool seen = false;
  for (int attempt = 0; attempt < 20 && !seen; ++attempt) {
    const Result result = rig.result("tcp-connect-ip4", to(server.host(), server.port()));
    const Row row = result.rows()[0];
    if (outcome(result) != "connected" || row.get<std::uint64_t>("retransmissions.tcp") == 0) {
      continue;
    }
    seen = true;
    CHECK(row.get<std::uint64_t>("delay.connect.tcp.us") >= 900'000);
  }
  CHECK(seen);
}

TEST_CASE("names are resolved, and what they stand for is in the result", "[tcp][network]") {
  const Listening server(NetworkNamespace::current(), "127.0.0.1");
  ServiceRig rig(probe());
  const Result result = rig.result("tcp-connect-ip4", to("localhost", server.port()));
  CHECK(outcome(result) == "connected");
  CHECK(to_string(result.rows()[0].get<Address>("destination.ip4")) == "127.0.0.1");
  CHECK(result.rows()[0].has_value("delay.resolution.us"));
}

TEST_CASE("a name that resolves to nothing is a result that says why", "[tcp][network]") {
  ServiceRig rig(probe({{"resolver", "127.0.0.1:9"}}));  // where nobody answers
  const Result result = rig.result("tcp-connect-ip4", to("nothing.example", 80));
  CHECK(outcome(result) == "unresolved");
  CHECK_FALSE(result.rows()[0].has_value("destination.ip4"));
  REQUIRE(result.find_metadata("resolution.problem") != nullptr);
  CHECK_FALSE(result.find_metadata("resolution.problem")->get<std::string>().empty());
  const Result other = rig.result("tcp-connect-ip6", to("127.0.0.1", 80));
  CHECK(outcome(other) == "unresolved");
  CHECK(other.find_metadata("resolution.problem")->get<std::string>() == "it is no IPv6 host");
}

TEST_CASE("a name that leads where one must not measure is refused", "[tcp][network]") {
  const Listening server(NetworkNamespace::current(), "127.0.0.1");
  const TargetPolicy policy;
  ServiceRig rig(probe({}, [policy](const Address& target) { policy.check(target); }));
  CHECK_THAT(rig.exception("tcp-connect-ip4", to("localhost", server.port())),
             Catch::Contains("127.0.0.1") && Catch::Contains("loopback"));
  CHECK(server.connections() == 0);
}

TEST_CASE("names that are none are refused at once", "[tcp]") {
  ServiceRig rig(probe());
  CHECK_THAT(rig.exception("tcp-connect-ip4", to("two words", 80)), Catch::Contains("no name"));
  CHECK_THAT(rig.exception("tcp-connect-ip4", to(std::string(254, 'a'), 80)),
             Catch::Contains("no name"));
}

TEST_CASE("an attempt that this host could not make says why", "[tcp][network]") {
  const TwoHosts hosts({.a_to_b = {.loss = 1}});
  hosts.a().set("ipv4/ip_local_port_range", "40000 40000");  // room for one
  ServiceRig rig(hosts.a(), probe());
  auto first = rig.start("tcp-connect-ip4", "now", to(TwoHosts::kB4, 9));
  const Result second = rig.result("tcp-connect-ip4", to(TwoHosts::kB4, 9));
  CHECK(outcome(second) == "unsent");
  REQUIRE(second.find_metadata("sending.problem") != nullptr);
  CHECK(second.find_metadata("sending.problem")->get<std::string>() ==
        "Cannot assign requested address");
  const auto other = std::get<Result>(first.get());
  CHECK(outcome(other) == "timed-out");
  CHECK(other.find_metadata("sending.problem") == nullptr);
}

TEST_CASE("what this host itself forbids is not taken for a router's word", "[tcp][network]") {
  const NetworkNamespace network;
  network.run("ip route add prohibit 198.51.100.0/24");
  ServiceRig rig(network, probe());
  const Result result = rig.result("tcp-connect-ip4", to("198.51.100.7", 80));
  CHECK(outcome(result) == "unsent");
  REQUIRE(result.find_metadata("sending.problem") != nullptr);
  CHECK(result.find_metadata("sending.problem")->get<std::string>() == "Permission denied");
}

TEST_CASE("a run has time for its name before it is cut off", "[tcp]") {
  ServiceRig rig(probe());
  CHECK(rig.service("tcp-connect-ip4").policy.grace > 5s + 500ms);
}

TEST_CASE("an attempt that is asked to stop says that it was interrupted", "[tcp][network]") {
  const TwoHosts hosts({.a_to_b = {.loss = 1}});
  ServiceRig rig(hosts.a(), probe({{"wait", "1h"}}));
  std::stop_source stop;
  const auto start = [&] {
    return rig.start("tcp-connect-ip4", "now", to(TwoHosts::kB4, 9), stop.get_token());
  };
  auto first = start();
  auto second = start();
  while (hosts.log().size() < 2) std::this_thread::yield();
  stop.request_stop();
  const auto result = std::get<Result>(first.get());
  CHECK(outcome(result) == "interrupted");
  CHECK(result.find_metadata("runs.beside")->get<std::uint64_t>() == 0);
  const auto beside = std::get<Result>(second.get());
  CHECK(beside.find_metadata("runs.beside")->get<std::uint64_t>() == 1);
}

TEST_CASE("an attempt that was stopped before it started sends nothing", "[tcp][network]") {
  const TwoHosts hosts({});
  ServiceRig rig(hosts.a(), probe());
  std::stop_source stop;
  stop.request_stop();
  const Instant before = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  const auto result = std::get<Result>(
      rig.start("tcp-connect-ip4", "now", to(TwoHosts::kB4, 9), stop.get_token()).get());
  CHECK(outcome(result) == "interrupted");
  CHECK(result.rows()[0].get<Instant>("time") >= before);
  CHECK(hosts.log().empty());
}

TEST_CASE("a thousand attempts at once have an outcome each", "[tcp][network]") {
  const Listening server(NetworkNamespace::current(), "127.0.0.1");
  ServiceRig rig(probe({{"wait", "20s"}}));
  std::vector<std::future<Outcome>> outcomes;
  for (int n = 0; n < 1'000; ++n) {
    outcomes.push_back(rig.start("tcp-connect-ip4", "now", to("127.0.0.1", server.port())));
  }
  int connected = 0;
  for (auto& one : outcomes) connected += outcome(std::get<Result>(one.get())) == "connected";
  CHECK(connected == 1'000);
}

TEST_CASE("settings and registry have to be right", "[tcp]") {
  Engine engine;
  const ProbeContext context{.engine = engine};
  CHECK_THROWS_WITH(make_tcp(probes_elements(), {{"waitt", "1s"}}, context),
                    Catch::Contains("waitt: tcp has no such setting"));
  CHECK_THROWS_WITH(make_tcp(probes_elements(), {{"wait", "1ms"}}, context),
                    Catch::Contains("is not from 100ms to 1h"));
  for (const std::string bad :
       {"", "dns.example", "192.0.2.0/24", "192.0.2.53:0", "192.0.2.53:65536",
        "192.0.2.53:", "192.0.2.53:dns", "[192.0.2.53]:53", "[::1", "[::1]:", "::1]:53", "[::1]53",
        "[]:53", ":53", "192.0.2.53 5353"}) {
    CAPTURE(bad);
    CHECK_THROWS_WITH(
        make_tcp(probes_elements(), {{"resolver", "192.0.2.54, " + bad}}, context),
        "resolver: \"" + bad + "\" is no server, such as 192.0.2.53 or [2001:db8::53]:5353");
  }
  for (const std::string good : {"192.0.2.53", "::1", "[::1]", "192.0.2.53:5353, [::1]:53"}) {
    CAPTURE(good);
    CHECK_NOTHROW(make_tcp(probes_elements(), {{"resolver", good}}, context));
  }
  CHECK_THROWS_WITH(make_tcp(Registry::core(), {}, context),
                    Catch::Contains("tcp needs the registry"));
}
