// By TCP with segments of our own making: who answers them, and who only seems to.
#include "fake_router.hpp"
#include "probes/listening.hpp"
#include "support/comes_true.hpp"
#include "trace_rig.hpp"

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kTarget = "198.51.100.7";
constexpr std::uint8_t kSyn = 2;
constexpr std::uint8_t kReset = 4;
constexpr std::uint8_t kAcknowledges = 16;

/// A segment in answer to a packet of IPv4: SYN-ACK or whatever the flags make it.
Octets segment_for(const Octets& packet, std::uint8_t flags, std::uint32_t acknowledged) {
  Octets segment(20);
  std::copy_n(packet.begin() + 22, 2, segment.begin());
  std::copy_n(packet.begin() + 20, 2, segment.begin() + 2);
  put16(segment, 8, acknowledged >> 16U);
  put16(segment, 10, acknowledged & 0xffffU);
  segment[12] = 0x50;
  segment[13] = flags;
  return segment;
}

std::uint32_t sequence_of(const Octets& packet) {
  std::uint32_t sequence = 0;
  for (std::size_t place = 24; place < 28; ++place) sequence = (sequence << 8U) | packet[place];
  return sequence;
}

bool any_half_open(const NetworkNamespace& host) {
  constexpr const char* kHalfOpen = " 03 ";  // TCP_SYN_RECV, as /proc has it
  for (const std::string table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    if (host.run("cat " + table).find(kHalfOpen) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a target is reached by its SYN-ACK as by its reset, on one of several paths",
          "[trace][network]") {
  const Crossroads network(20ms);
  const std::string target = GENERATE(Crossroads::kB4, Crossroads::kB6);
  const Listening open(network.b(), target);
  ServiceRig rig(network.a(), trace_module());
  const bool listens = GENERATE(true, false);
  CAPTURE(target, listens);
  Texts parameters = to("tcp", target, 5);
  if (listens) parameters["destination.port"] = std::to_string(open.port());
  const Result result = rig.result(label_of("tcp", tail_for(target)), parameters);
  CHECK(end_of(result) == "reached");
  CHECK(text_of(result, "trace.flow") == "constant");
  CHECK(text_of(result, "packets.stray") == "-");
  REQUIRE(result.row_count() == 4 * 5);
  auto found = answers(result);
  CHECK(found["2"].size() == 1);
  CHECK(found["3"].size() == 1);
  CHECK(found["4"] == std::set<std::string>{target});
  CHECK(by_hop(result, "hop.outcome")["4"] == std::set<std::string>{"reached"});
  std::set<std::string> ports;
  for (const Row row : result.rows()) {
    ports.insert(cell(row, "source.port"));
    if (cell(row, "hop.number") == "4") CHECK(row.get<std::uint64_t>("delay.hop.us") >= 40'000);
  }
  CHECK(ports.size() == 1);
  // This host has reset what the target thought opened.
  CHECK(comes_true([&] { return !any_half_open(network.b()); }));
  CHECK(open.connections() == 0);
}

TEST_CASE("only who acknowledges a SYN of ours, at its ports, is the target", "[trace][network]") {
  struct Row {
    std::string what;
    std::uint8_t flags = kSyn | kAcknowledges;
    std::uint32_t beyond = 1;  // the sequence number that is answered
    std::string from = kTarget;
    std::uint8_t port_bits = 0;
    std::size_t size = 20;
    std::string end = "silent";
    std::string strays = "-";
  };
  const Row row = GENERATE(
      Row{.what = "SYN-ACK", .end = "reached"},
      Row{.what = "reset", .flags = kReset | kAcknowledges, .end = "reached"},
      Row{.what = "what we have not sent", .beyond = 1'000'000, .strays = "10"},
      Row{.what = "what is half the numbers away", .beyond = 0x80000000U, .strays = "10"},
      Row{.what = "a reset of whatever", .flags = kReset},
      Row{.what = "an old connection's", .flags = kAcknowledges},
      Row{.what = "a SYN", .flags = kSyn}, Row{.what = "by another host", .from = "203.0.113.9"},
      Row{.what = "to another port", .port_bits = 1}, Row{.what = "cut short", .size = 19});
  CAPTURE(row.what);
  const TwoHosts hosts({});
  lead_to_b(hosts);
  const FakeRouter router(hosts.b(), [&row](const Octets& packet) {
    if (packet[9] != IPPROTO_TCP || packet[33] != kSyn) return std::vector<FakeRouter::Answer>{};
    Octets segment = segment_for(packet, row.flags, sequence_of(packet) + row.beyond);
    segment[3] ^= row.port_bits;
    segment.resize(row.size);
    return std::vector<FakeRouter::Answer>{
        {.message = segment, .from = row.from, .hop_limit = 61, .protocol = IPPROTO_TCP}};
  });
  ServiceRig rig(hosts.a(), trace_module({{"wait", "300ms"}}));
  const Result result = trace(rig, "tcp", kTarget);
  CHECK(end_of(result) == row.end);
  CHECK(text_of(result, "packets.stray") == row.strays);
  if (row.end == "reached") {
    CHECK(by_hop(result, "hoplimit.reply.ip")["1"] == std::set<std::string>{"61"});
  }
}

TEST_CASE("only errors that quote a SYN of ours count", "[trace][network]") {
  const TwoHosts hosts({});
  lead_to_b(hosts);
  // Where a byte of the packet is changed before it is quoted, and whether that is told as a stray.
  const auto [place, strays] =
      GENERATE(table<std::size_t, std::string>({{24, "10"},   // sequence number
                                                {19, "-"},    // destination
                                                {21, "-"},    // source port
                                                {23, "-"},    // destination port
                                                {9, "-"}}));  // protocol
  CAPTURE(place);
  const FakeRouter router(hosts.b(), [place = place](const Octets& packet) {
    Octets forged = packet;
    forged.at(place) ^= 1U;
    Octets broken = icmp_error(IpFamily::Ip4, 11, 0, packet, 28);
    broken.at(2) ^= 1U;  // its checksum
    return std::vector<FakeRouter::Answer>{
        {.message = icmp_error(IpFamily::Ip4, 11, 0, forged, 28)},
        {.message = icmp_error(IpFamily::Ip4, 11, 0, packet, 27)},
        {.message = icmp_error(IpFamily::Ip4, 5, 0, packet, 28)},
        {.message = broken}};
  });
  ServiceRig rig(hosts.a(), trace_module({{"wait", "300ms"}}));
  const Result result = trace(rig, "tcp", kTarget);
  CHECK(end_of(result) == "silent");
  CHECK(text_of(result, "packets.stray") == strays);
}

TEST_CASE("flows by TCP have a port each, and say what the target answered", "[trace][network]") {
  const Crossroads network;
  const Listening open(network.b(), Crossroads::kB4);
  ServiceRig rig(network.a(), trace_module());
  const bool listens = GENERATE(true, false);
  Texts parameters = to("paths-tcp", Crossroads::kB4, 8);
  if (listens) parameters["destination.port"] = std::to_string(open.port());
  const Result result = rig.result("paths-tcp-ip4", parameters);
  auto said = by_hop(result, "answer.tcp");
  CHECK(said["3"] == std::set<std::string>{"-"});
  CHECK(said["4"] == std::set<std::string>{listens ? "syn-ack" : "reset"});
  std::set<std::string> flows;
  std::set<std::string> ports;
  for (const Row row : result.rows()) {
    ports.insert(cell(row, "source.port"));
    flows.insert(cell(row, "flow.number") + " " + cell(row, "source.port"));
  }
  CHECK(ports.size() == 8);
  CHECK(flows.size() == 8);
}
