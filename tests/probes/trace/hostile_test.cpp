// Routers that lie, mumble or shout.
#include "fake_router.hpp"
#include "support/comes_true.hpp"
#include "trace_rig.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kTarget4 = "198.51.100.7";
constexpr const char* kTarget6 = "2001:db8::7";
constexpr std::uint32_t kTop = (16'004U << 12U) | (5U << 9U) | 1U;
constexpr std::uint32_t kBottom = (16'005U << 12U) | (1U << 8U) | 255U;

IpFamily family_in(const Octets& packet) {
  return packet[0] >> 4U == 4 ? IpFamily::Ip4 : IpFamily::Ip6;
}

unsigned hop_in(const Octets& packet) {
  return family_in(packet) == IpFamily::Ip4 ? packet[8] : packet[7];
}

Octets time_exceeded(const Octets& packet, std::size_t quote, const Octets& extensions = {},
                     bool marked = true) {
  const IpFamily family = family_in(packet);
  return icmp_error(family, family == IpFamily::Ip4 ? 11 : 3, 0, packet, quote, extensions, marked);
}

}  // namespace

TEST_CASE("MPLS labels are in the result, wherever they stand", "[trace][network]") {
  const TwoHosts hosts({});
  lead_to_b(hosts);
  if (GENERATE(false, true)) hosts.a().set("ipv4/ping_group_range", "0 2147483647");
  const bool marked = GENERATE(true, false);
  const FakeRouter router(hosts.b(), [marked](const Octets& packet) {
    return std::vector<FakeRouter::Answer>{
        {.message = time_exceeded(packet, 128, mpls_extensions({kTop, kBottom}), marked)}};
  });
  for (const std::string method : {"udp", "icmp", "tcp", "connect"}) {
    ServiceRig rig(hosts.a(), module_for(method, {{"wait", "300ms"}}));
    for (const std::string target : {kTarget4, kTarget6}) {
      CAPTURE(marked, method, target);
      Texts parameters = to(method, target);
      parameters["trace.hops"] = "2";
      const Result result = rig.result(label_of(method, tail_for(target)), parameters);
      CAPTURE(end_of(result), text_of(result, "sending.problem"));
      REQUIRE(result.row_count() == 2);
      CHECK(cell(result.rows()[0], "hop.outcome") == "passed");
      CHECK(cell(result.rows()[0], "mpls.labels") == "16004/1,16005/255");
    }
  }
}

TEST_CASE("nothing that routers hash differs between the packets of a flow", "[trace][network]") {
  const TwoHosts hosts({});
  lead_to_b(hosts);
  std::mutex mutex;
  std::vector<Octets> seen;
  const FakeRouter router(hosts.b(), [&](const Octets& packet) {
    const std::lock_guard lock(mutex);
    seen.push_back(packet);
    return std::vector<FakeRouter::Answer>{};
  });
  ServiceRig rig(hosts.a(), trace_module({{"wait", "200ms"}}));
  const std::string method = GENERATE("udp", "icmp", "tcp");
  const std::string target = GENERATE(kTarget4, kTarget6);
  CAPTURE(method, target);
  trace(rig, method, target, 3);
  const std::lock_guard lock(mutex);
  CHECK(seen.size() == 30);
  std::set<Octets> looks;
  std::set<unsigned> hops;
  for (const Octets& packet : seen) {
    hops.insert(hop_in(packet));
    const bool ip4 = family_in(packet) == IpFamily::Ip4;
    const auto header = packet.begin() + (ip4 ? 20 : 40);
    Octets look(header, header + 4);  // ports, or type, code and checksum
    if (method == "icmp") look.insert(look.end(), header + 4, header + 6);  // identifier
    // All but sequence number and checksum.
    if (method == "tcp") look.insert(look.end(), header + 8, header + 16);
    // Traffic class, and of IPv6 the flow label; length; protocol; addresses.
    look.insert(look.end(), packet.begin(), packet.begin() + 4);
    look.insert(look.end(), packet.begin() + (ip4 ? 12 : 8), header);
    looks.insert(look);
  }
  CHECK(looks.size() == 1);
  CHECK(hops.size() == 10);
}

TEST_CASE("what is not an answer to our packets is none", "[trace][network]") {
  const TwoHosts hosts({});
  lead_to_b(hosts);
  if (GENERATE(false, true)) hosts.a().set("ipv4/ping_group_range", "0 2147483647");
  const FakeRouter router(hosts.b(), [](const Octets& packet) {
    Octets forged = packet;
    for (std::size_t place = 28; place < forged.size(); ++place) forged[place] ^= 0x55U;
    Octets elsewhere = packet;
    elsewhere[19] ^= 1U;  // another destination
    Octets noise(64, 0xa5);
    noise[0] = 11;
    noise[1] = 0;
    put16(noise, 2, 0);
    put16(noise, 2, internet_checksum(noise));
    Octets redirect = icmp_error(IpFamily::Ip4, 5, 0, packet, 28);
    return std::vector<FakeRouter::Answer>{
        {.message = noise},
        {.message = redirect},
        {.message = Octets{11, 0}},
        {.message = time_exceeded(elsewhere, 128)},
        {.message = time_exceeded(forged, 128), .from = "203.0.113.9"}};
  });
  ServiceRig rig(hosts.a(), trace_module({{"wait", "300ms"}}));
  for (const std::string method : {"udp", "icmp"}) {
    CAPTURE(method);
    const Result result = trace(rig, method, kTarget4);
    CHECK(end_of(result) == "silent");
    CHECK(result.row_count() == 10);
    for (const Row row : result.rows()) CHECK(cell(row, "hop.outcome") == "silent");
    // Those that the kernel took for answers: it looks at UDP's destination, not at that of echo.
    CHECK(text_of(result, "packets.stray") == (method == "udp" ? "10" : "20"));
  }
}

TEST_CASE("a router's answers count once, and those of other hosts as theirs", "[trace][network]") {
  const TwoHosts hosts({});
  lead_to_b(hosts);
  const FakeRouter router(hosts.b(), [](const Octets& packet) {
    const std::string from = "203.0.113." + std::to_string(hop_in(packet));
    const FakeRouter::Answer answer{
        .message = time_exceeded(packet, 128), .from = from, .hop_limit = 200};
    if (hop_in(packet) < 3) return std::vector<FakeRouter::Answer>{answer, answer, answer};
    // The target is behind a translator that answers by its own address.
    return std::vector<FakeRouter::Answer>{
        {.message = icmp_error(IpFamily::Ip4, 3, 3, packet, 128), .from = "203.0.113.99"}};
  });
  ServiceRig rig(hosts.a(), trace_module());
  const Result result = trace(rig, "udp", kTarget4, 2);
  CHECK(end_of(result) == "reached");
  CHECK(text_of(result, "hops.ip") == "3");
  REQUIRE(result.row_count() == 6);
  CHECK(answers(result)["1"] == std::set<std::string>{"203.0.113.1"});
  CHECK(answers(result)["2"] == std::set<std::string>{"203.0.113.2"});
  CHECK(answers(result)["3"] == std::set<std::string>{"203.0.113.99"});
  CHECK(by_hop(result, "hoplimit.reply.ip")["2"] == std::set<std::string>{"200"});
}

TEST_CASE("an interface that goes down hides nothing that was answered before",
          "[trace][network]") {
  const TwoHosts hosts({});
  lead_to_b(hosts);
  const FakeRouter router(hosts.b(), [&](const Octets& packet) {
    if (hop_in(packet) != 1) return std::vector<FakeRouter::Answer>{};
    return std::vector<FakeRouter::Answer>{{.message = time_exceeded(packet, 128)}};
  });
  const std::string method = GENERATE("udp", "icmp", "tcp", "connect", "paths", "paths-tcp");
  ServiceRig rig(hosts.a(), module_for(method));
  CAPTURE(method);
  Texts parameters = to(method, kTarget4, 10);
  parameters["trace.interval.us"] = "200000";
  auto outcome = rig.start(label_of(method, "ip4"), "now", parameters);
  const auto asked = [](const LinkRecord& r) { return r.direction == Direction::AToB; };
  const auto told = [](const LinkRecord& r) { return r.direction == Direction::BToA; };
  REQUIRE(comes_true([&] { return hosts.count(asked) >= 10 && hosts.count(told) > 0; }));
  hosts.a().run("ip link set eth0 down");
  const auto result = std::get<Result>(outcome.get());
  CHECK(end_of(result) == "unsent");
  CHECK(answers(result)["1"].count("10.77.0.2") == 1);
  CHECK(by_hop(result, "hop.outcome")["1"].count("passed") == 1);
  CHECK(by_hop(result, "hop.outcome")["10"] == std::set<std::string>{"silent"});
}

TEST_CASE("who refuses a port by another address is the target by UDP, and a firewall else",
          "[trace][network]") {
  const TwoHosts hosts({});
  lead_to_b(hosts);
  const FakeRouter router(hosts.b(), [](const Octets& packet) {
    const bool ip4 = family_in(packet) == IpFamily::Ip4;
    return std::vector<FakeRouter::Answer>{
        {.message = icmp_error(family_in(packet), ip4 ? 3 : 1, ip4 ? 3 : 4, packet, 128)}};
  });
  const std::string method = GENERATE("udp", "icmp", "tcp", "connect");
  ServiceRig rig(hosts.a(), module_for(method));
  const std::string target = GENERATE(kTarget4, kTarget6);
  CAPTURE(method, target);
  const Result result = trace(rig, method, target);
  const bool udp = method == "udp";
  CHECK(end_of(result) == (udp ? "reached" : "unreachable"));
  CHECK(by_hop(result, "hop.outcome")["1"] ==
        std::set<std::string>{udp ? "reached" : "prohibited"});
}

TEST_CASE("of a SYN that was repeated the sender of the answer is known, and no delay",
          "[trace][network]") {
  const TwoHosts hosts({});
  lead_to_b(hosts);
  std::map<unsigned, int> attempts;
  const FakeRouter router(hosts.b(), [&](const Octets& packet) {
    if (++attempts[hop_in(packet)] < 2) return std::vector<FakeRouter::Answer>{};
    return std::vector<FakeRouter::Answer>{{.message = time_exceeded(packet, 128)}};
  });
  ServiceRig rig(hosts.a(), module_for("connect", {{"wait", "10s"}}));
  Texts parameters = to("connect", kTarget4);
  parameters["trace.hops"] = "2";
  const Result result = rig.result("trace-tcp-ip4", parameters);
  REQUIRE(result.row_count() == 2);
  for (const Row row : result.rows()) {
    CHECK(cell(row, "hop.outcome") == "passed");
    CHECK(cell(row, "intermediate.ip4") == "10.77.0.2");
    CHECK(cell(row, "delay.hop.us") == "-");
  }
  CHECK(text_of(result, "packets.stray") == "-");
}

TEST_CASE("routers that quote eight bytes are told apart by ICMP and TCP", "[trace][network]") {
  const TwoHosts hosts({});
  lead_to_b(hosts);
  if (GENERATE(false, true)) hosts.a().set("ipv4/ping_group_range", "0 2147483647");
  const FakeRouter router(hosts.b(), [](const Octets& packet) {
    const std::string from = "203.0.113." + std::to_string(hop_in(packet));
    return std::vector<FakeRouter::Answer>{
        {.message = time_exceeded(packet, 20 + 8), .from = from}};
  });
  for (const std::string method : {"icmp", "tcp", "connect"}) {
    CAPTURE(method);
    ServiceRig rig(hosts.a(), module_for(method, {{"wait", "5s"}}));
    Texts parameters = to(method, kTarget4);
    parameters["trace.hops"] = "5";
    const Result result = rig.result(label_of(method, "ip4"), parameters);
    REQUIRE(result.row_count() == 5);
    for (const Row row : result.rows()) {
      CHECK(cell(row, "intermediate.ip4") == "203.0.113." + cell(row, "hop.number"));
    }
  }
  Texts parameters = to("udp", kTarget4);
  parameters["trace.hops"] = "5";
  ServiceRig rig(hosts.a(), trace_module({{"wait", "300ms"}}));
  const Result result = rig.result("trace-udp-ip4", parameters);
  CHECK(end_of(result) == "silent");  // by UDP nothing says which packet it was
  CHECK(text_of(result, "packets.stray") == "5");
}

TEST_CASE("a flood of answers ends with the waiting time", "[trace][network]") {
  const TwoHosts hosts({});
  lead_to_b(hosts);
  const FakeRouter router(hosts.b(), [](const Octets& packet) {
    return std::vector<FakeRouter::Answer>(
        200, {.message = icmp_error(IpFamily::Ip4, 3, 1, packet, 128)});
  });
  ServiceRig rig(hosts.a(), trace_module({{"wait", "300ms"}}));
  const Result result = trace(rig, GENERATE("udp", "icmp", "tcp"), kTarget4);
  CHECK(end_of(result) == "unreachable");
  CHECK(cell(result.rows()[0], "hop.outcome") == "unreachable");
}
