#include "fake_router.hpp"
#include "support/link/rights.hpp"
#include "trace_rig.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

Result search(ServiceRig& rig, const std::string& target) {
  return rig.result("path-mtu-" + tail_for(target), {{"destination.name", target}});
}

/// The target's answer to an echo request by IPv4.
FakeRouter::Answer echo_of(const Octets& packet) {
  Octets reply(packet.begin() + 20, packet.end());
  reply[0] = 0;
  put16(reply, 2, 0);
  put16(reply, 2, internet_checksum(reply));
  return {.message = reply, .from = "198.51.100.7"};
}

/// A router's word that a packet is too big. @param quote how many of its octets it quotes.
FakeRouter::Answer too_big(const Octets& packet, std::uint16_t told, std::size_t quote) {
  Octets message = icmp_error(IpFamily::Ip4, 3, 4, packet, quote);
  put16(message, 6, told);
  put16(message, 2, 0);
  put16(message, 2, internet_checksum(message));
  return {.message = message};
}

}  // namespace

TEST_CASE("the path's MTU is found, and who limits it", "[trace][mtu][network]") {
  const Crossroads network;
  for (std::size_t n = 0; n < Crossroads::kPaths; ++n) {
    const std::string name = "in" + std::to_string(n + 1);
    network.first_router().run("ip link set " + name + " mtu 1400");
    network.path(n).run("ip link set " + name + " mtu 1400");
  }
  if (GENERATE(false, true)) network.a().set("ipv4/ping_group_range", "0 2147483647");
  ServiceRig rig(network.a(), trace_module());
  const std::string target = GENERATE(Crossroads::kB4, Crossroads::kB6);
  CAPTURE(target);
  for (int repetition = 0; repetition < 2; ++repetition) {  // what the kernel learned is no matter
    const Result result = search(rig, target);
    const Row row = result.rows()[0];
    CHECK(cell(row, "mtu.outcome") == "found");
    CHECK(cell(row, "mtu.ip") == "1400");
    CHECK(cell(row, "mtu.silent") == "False");
    CHECK(cell(row, "packets.sent") == "2");
    CHECK(cell(row, "intermediate." + tail_for(target)) ==
          (target == Crossroads::kB4 ? "10.1.0.2" : "fd01::2"));
  }
}

TEST_CASE("where nothing is narrower, one packet tells the MTU", "[trace][mtu][network]") {
  const TwoHosts hosts({});
  ServiceRig rig(hosts.a(), trace_module());
  const std::string target = GENERATE(TwoHosts::kB4, TwoHosts::kB6);
  const Result result = search(rig, target);
  CHECK(cell(result.rows()[0], "mtu.ip") == "1500");
  CHECK(cell(result.rows()[0], "packets.sent") == "1");
  CHECK(cell(result.rows()[0], "mtu.silent") == "False");
}

TEST_CASE("the greatest packet there is gets through this host", "[trace][mtu][network]") {
  ServiceRig rig(trace_module());
  const Result result = search(rig, "127.0.0.1");
  CHECK(cell(result.rows()[0], "mtu.outcome") == "found");
  CHECK(cell(result.rows()[0], "mtu.ip") == "65535");
}

TEST_CASE("a black hole is found by what does not come back", "[trace][mtu][network]") {
  const TwoHosts hosts({});
  hosts.b().run("ip link set eth0 mtu 1300");  // what is greater, it drops without a word
  ServiceRig rig(hosts.a(), trace_module({{"wait", "100ms"}}));
  const Result result = search(rig, TwoHosts::kB4);
  const Row row = result.rows()[0];
  CHECK(cell(row, "mtu.outcome") == "found");
  CHECK(row.get<std::uint64_t>("mtu.ip") >= 1'300);
  CHECK(row.get<std::uint64_t>("mtu.ip") <= 1'304);  // room for a VLAN's tag
  CHECK(cell(row, "mtu.silent") == "True");
  CHECK(cell(row, "intermediate.ip4") == "-");
}

TEST_CASE("a target that answers no echo has no MTU", "[trace][mtu][network]") {
  const TwoHosts hosts({.a_to_b = {.loss = 1}});
  ServiceRig rig(hosts.a(), trace_module({{"wait", "100ms"}}));
  const Result result = search(rig, TwoHosts::kB4);
  CHECK(cell(result.rows()[0], "mtu.outcome") == "unanswered");
  CHECK(cell(result.rows()[0], "mtu.ip") == "-");
  CHECK(cell(result.rows()[0], "packets.sent") == "6");  // the greatest, and the smallest
}

TEST_CASE("a target that vanishes is not taken for a black hole", "[trace][mtu][network]") {
  const TwoHosts hosts({.a_to_b = {.delay = 100ms}});
  hosts.b().run("ip link set eth0 mtu 1300");
  ServiceRig rig(hosts.a(), trace_module({{"wait", "300ms"}}));
  auto outcome = rig.start("path-mtu-ip4", "now", {{"destination.name", TwoHosts::kB4}});
  const auto answered = [](const LinkRecord& r) { return r.direction == Direction::BToA; };
  while (hosts.count(answered) == 0) std::this_thread::yield();  // the smallest has passed
  hosts.b().run("ip link set eth0 down");
  const auto result = std::get<Result>(outcome.get());
  CHECK(cell(result.rows()[0], "mtu.outcome") == "unanswered");
  CHECK(cell(result.rows()[0], "mtu.ip") == "-");
}

TEST_CASE("routers that name nonsense are not believed", "[trace][mtu][network]") {
  const TwoHosts hosts({});
  lead_to_b(hosts);
  const std::uint16_t told = GENERATE(std::uint16_t{0}, std::uint16_t{68}, std::uint16_t{9'000});
  const FakeRouter router(hosts.b(), [told](const Octets& packet) {
    const bool fits = packet.size() <= 1'000;
    return std::vector<FakeRouter::Answer>{fits ? echo_of(packet) : too_big(packet, told, 128)};
  });
  ServiceRig rig(hosts.a(), trace_module());
  const Result result = search(rig, "198.51.100.7");
  CHECK(cell(result.rows()[0], "mtu.outcome") == "found");
  CHECK(cell(result.rows()[0], "mtu.ip") == "1000");
  CHECK(cell(result.rows()[0], "intermediate.ip4") == "10.77.0.2");
}

TEST_CASE("routers that quote eight octets are believed, and others' packets are not ours",
          "[trace][mtu][network]") {
  const TwoHosts hosts({});
  lead_to_b(hosts);
  if (GENERATE(false, true)) hosts.a().set("ipv4/ping_group_range", "0 2147483647");
  const bool ours = GENERATE(true, false);
  const FakeRouter router(hosts.b(), [ours](const Octets& packet) {
    if (packet.size() <= 1'300) return std::vector<FakeRouter::Answer>{echo_of(packet)};
    Octets quoted = packet;
    if (!ours) quoted.at(26) ^= 0x55U;  // the sequence number
    return std::vector<FakeRouter::Answer>{too_big(quoted, 1'300, 20 + 8)};
  });
  ServiceRig rig(hosts.a(), trace_module({{"wait", "100ms"}}));
  const Result result = search(rig, "198.51.100.7");
  const Row row = result.rows()[0];
  CHECK(cell(row, "mtu.outcome") == "found");
  CHECK(cell(row, "mtu.ip") == "1300");
  CHECK(cell(row, "mtu.silent") == (ours ? "False" : "True"));
  CHECK((cell(row, "packets.sent") == "2") == ours);
}

TEST_CASE("what routers say instead of an answer is in the result", "[trace][mtu][network]") {
  const TwoHosts hosts({});
  lead_to_b(hosts);
  const std::size_t quote = GENERATE(std::size_t{128}, std::size_t{20 + 8});
  const FakeRouter router(hosts.b(), [quote](const Octets& packet) {
    return std::vector<FakeRouter::Answer>{
        {.message = icmp_error(IpFamily::Ip4, 3, 13, packet, quote)}};
  });
  ServiceRig rig(hosts.a(), trace_module({{"wait", "100ms"}}));
  const Result result = search(rig, "198.51.100.7");
  CHECK(cell(result.rows()[0], "mtu.outcome") == "unanswered");
  CHECK(cell(result.rows()[0], "intermediate.ip4") == "10.77.0.2");
  CHECK(text_of(result, "icmp.type") == "3");
  CHECK(text_of(result, "icmp.code") == "13");
}

TEST_CASE("a search without a route says so", "[trace][mtu][network]") {
  const NetworkNamespace network;
  ServiceRig rig(network, trace_module());
  const Result result = search(rig, "192.0.2.1");
  CHECK(cell(result.rows()[0], "mtu.outcome") == "unsent");
  CHECK(text_of(result, "sending.problem") == "Network is unreachable");
}

TEST_CASE("a search that is asked to stop says so", "[trace][mtu][network]") {
  const TwoHosts hosts({.a_to_b = {.loss = 1}});
  ServiceRig rig(hosts.a(), trace_module({{"wait", "1m"}}));
  std::stop_source stop;
  auto outcome =
      rig.start("path-mtu-ip4", "now", {{"destination.name", TwoHosts::kB4}}, stop.get_token());
  while (hosts.log().empty()) std::this_thread::yield();
  stop.request_stop();
  const auto result = std::get<Result>(outcome.get());
  CHECK(cell(result.rows()[0], "mtu.outcome") == "interrupted");
}
