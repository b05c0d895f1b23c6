#include "mplane/probe/target_policy.hpp"
#include "mplane/probes/ping.hpp"
#include "probes/service_rig.hpp"
#include "support/link/two_hosts.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

ServiceRig::Make pings(const Texts& settings = {{"source-ip4", "10.77.0.1"},
                                                {"source-ip6", "fd77::1"}}) {
  return [settings](Engine& engine) {
    return make_ping(probes_elements(), settings, {.engine = engine});
  };
}

Texts train(const std::string& family, int packets, int interval_us) {
  const std::string target = family == "ip4" ? TwoHosts::kB4 : TwoHosts::kB6;
  return {{"destination." + family, target},
          {"train.packets", std::to_string(packets)},
          {"train.interval.us", std::to_string(interval_us)},
          {"octets.icmp", "100"},
          {"hoplimit.ip", "64"},
          {"dscp.ip", "0"}};
}

std::uint64_t number(const Row& row, std::string_view column) {
  return row.get<std::uint64_t>(column);
}

/// The IPv4 header and length of the next packet that arrives at a raw ICMP socket.
std::vector<std::uint8_t> next_packet(int socket) {
  std::vector<std::uint8_t> packet(2'000);
  const auto size = ::recv(socket, packet.data(), packet.size(), 0);
  packet.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return packet;
}

}  // namespace

TEST_CASE("a train tells counts, delays and their variation", "[ping][network]") {
  const std::string family = GENERATE("ip4", "ip6");
  const TwoHosts hosts({.a_to_b = {.delay = 5ms}});
  ServiceRig rig(hosts.a(), pings());
  const Result result = rig.result("ping-train-" + family, train(family, 20, 10'000));
  REQUIRE(result.row_count() == 1);
  const Row row = result.rows()[0];
  CHECK(number(row, "packets.sent") == 20);
  CHECK(number(row, "delay.twoway.icmp.count") == 20);
  CHECK(number(row, "packets.lost") == 0);
  CHECK(number(row, "delay.twoway.icmp.us.min") >= 5'000);
  CHECK(number(row, "delay.twoway.icmp.us.95pct") <= number(row, "delay.twoway.icmp.us.99pct"));
  CHECK(number(row, "delay.twoway.icmp.us.99pct") <= number(row, "delay.twoway.icmp.us.max"));
  CHECK(number(row, "ipdv.twoway.icmp.us.mean") <= number(row, "ipdv.twoway.icmp.us.max"));
  CHECK(number(row, "pdv.twoway.icmp.us.99pct") ==
        number(row, "delay.twoway.icmp.us.99pct") - number(row, "delay.twoway.icmp.us.min"));
}

TEST_CASE("a train counts what the link lost, doubled and held back", "[ping][network]") {
  const TwoHosts hosts({.a_to_b = {.loss = 0.2},
                        .b_to_a = {.duplicate = 0.2, .reorder = 0.2, .reorder_by = 25ms},
                        .seed = 5});
  ServiceRig rig(hosts.a(), pings());
  const Result result = rig.result("ping-train-ip4", train("ip4", 100, 10'000));
  const Row row = result.rows()[0];
  const auto dropped = hosts.count([](const LinkRecord& r) { return r.fate.dropped; });
  const auto doubled = hosts.count([](const LinkRecord& r) { return r.fate.duplicated; });
  REQUIRE(dropped > 5);
  CHECK(number(row, "packets.lost") == dropped);
  CHECK(number(row, "packets.sent") == 100);
  CHECK(number(row, "packets.duplicate") + 1 >= doubled);  // the last one may come after the end
  CHECK(number(row, "packets.duplicate") <= doubled);
  CHECK(number(row, "packets.outoforder") >= 5);
}

TEST_CASE("each packet of a train has a row", "[ping][network]") {
  const TwoHosts hosts({.a_to_b = {.loss = 0.3}, .seed = 2});
  ServiceRig rig(hosts.a(), pings());
  const Result result = rig.result("ping-packets-ip4", train("ip4", 20, 10'000));
  REQUIRE(result.row_count() == 20);
  std::uint64_t expected = 0;
  std::size_t lost = 0;
  for (const Row row : result.rows()) {
    CHECK(number(row, "packet.number") == expected++);
    const bool replied = row.get<std::string>("packet.fate") == "replied";
    CHECK(row.has_value("delay.twoway.icmp.us") == replied);
    CHECK(row.has_value("hoplimit.reply.ip") == replied);
    if (replied) CHECK(number(row, "hoplimit.reply.ip") == 64);
    lost += replied ? 0 : 1;
  }
  CHECK(lost == hosts.count([](const LinkRecord& r) { return r.fate.dropped; }));
}

TEST_CASE("packets leave with the length, hop limit and code point asked for", "[ping][network]") {
  const TwoHosts hosts({});
  auto seen = std::async(std::launch::async, [&] {
    hosts.b().enter();
    return FileDescriptor(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
  });
  const FileDescriptor socket = seen.get();
  const timeval patience{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(socket.number(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ServiceRig rig(hosts.a(), pings());
  Texts parameters = train("ip4", 1, 10'000);
  parameters["octets.icmp"] = "1000";
  parameters["hoplimit.ip"] = "7";
  parameters["dscp.ip"] = "46";
  const Result result = rig.result("ping-train-ip4", parameters);
  CHECK(number(result.rows()[0], "delay.twoway.icmp.count") == 1);
  const auto packet = next_packet(socket.number());
  REQUIRE(packet.size() == 20 + 8 + 1'000);
  CHECK(packet[1] == 46U << 2U);
  CHECK(packet[8] == 7);
}

TEST_CASE("a packet whose hop limit ends on the way says so", "[ping][network]") {
  const std::string family = GENERATE("ip4", "ip6");
  const TwoHosts hosts({});
  hosts.b().set("ipv4/ip_forward", "1");
  hosts.b().set("ipv6/conf/all/forwarding", "1");
  hosts.a().run("ip route add default via 10.77.0.2");
  hosts.a().run("ip route add default via fd77::2");
  hosts.b().run("ip route add default via 10.77.0.1");
  hosts.b().run("ip route add default via fd77::1");
  ServiceRig rig(hosts.a(), pings());
  Texts parameters = train(family, 1, 10'000);
  parameters["destination." + family] = family == "ip4" ? "198.51.100.7" : "2001:db8::7";
  parameters["hoplimit.ip"] = "1";
  const Result result = rig.result("ping-packets-" + family, parameters);
  REQUIRE(result.row_count() == 1);
  CHECK(result.rows()[0].get<std::string>("packet.fate") == "time-exceeded");
}

TEST_CASE("a train that this host could not send says why", "[ping][network]") {
  const std::string family = GENERATE("ip4", "ip6");
  const TwoHosts hosts({});
  ServiceRig rig(hosts.a(), pings());
  auto outcome = rig.start("ping-packets-" + family, "now", train(family, 20, 50'000));
  while (hosts.count([](const LinkRecord& r) { return r.direction == Direction::BToA; }) < 3) {
    std::this_thread::yield();
  }
  hosts.a().run("ip route add blackhole default");
  hosts.a().run("ip -6 route add blackhole default");
  hosts.a().run("ip link set eth0 down");
  const auto result = std::get<Result>(outcome.get());
  CHECK(result.rows()[19].get<std::string>("packet.fate") == "unsent");
  REQUIRE(result.find_metadata("sending.problem") != nullptr);
  CHECK(result.find_metadata("sending.problem")->get<std::string>() == "Invalid argument");
}

TEST_CASE("a result says how it was measured", "[ping][network]") {
  const TwoHosts hosts({});
  ServiceRig rig(hosts.a(), pings());
  rig.result("ping-train-ip4", train("ip4", 1, 10'000));  // from now on the kernel stamps
  const Result result = rig.result("ping-train-ip4", train("ip4", 2, 10'000));
  REQUIRE(result.find_metadata("timestamps.source") != nullptr);
  CHECK(result.find_metadata("timestamps.source")->get<std::string>() == "kernel");
  REQUIRE(result.find_metadata("clock.error.us") != nullptr);
  CHECK(result.find_metadata("clock.synchronized") != nullptr);
  CHECK(result.find_metadata("cpuload") != nullptr);
  CHECK(result.find_metadata("runs.beside")->get<std::uint64_t>() == 0);
  CHECK(result.find_metadata("sending.problem") == nullptr);
  CHECK(result.find_metadata("packets.wait.us")->get<std::uint64_t>() == 1'000'000);
  CHECK(rig.service("ping-train-ip4").policy.tell_lateness);
}

TEST_CASE("a result says how many runs of any ping it ran beside", "[ping][network]") {
  const TwoHosts hosts({.a_to_b = {.loss = 1}});
  ServiceRig rig(hosts.a(), pings());
  std::stop_source stop;
  std::vector<std::future<Outcome>> outcomes;
  for (const std::string label : {"ping-train-ip4", "ping-train-ip4", "ping-packets-ip4"}) {
    outcomes.push_back(rig.start(label, "now", train("ip4", 100, 500'000), stop.get_token()));
  }
  while (hosts.log().size() < 3) {
    std::this_thread::yield();
  }
  stop.request_stop();
  std::uint64_t beside = 0;
  for (auto& outcome : outcomes) {
    const auto result = std::get<Result>(outcome.get());
    CHECK(result.find_metadata("runs.beside")->get<std::uint64_t>() == beside++);
  }
}

TEST_CASE("trains stay within what the operator allows", "[ping][network]") {
  const TwoHosts hosts({});
  ServiceRig rig(
      hosts.a(),
      pings({{"source-ip4", "10.77.0.1"}, {"train-packets", "10"}, {"train-interval", "20ms"}}));
  CHECK_THROWS_WITH(rig.run("ping-train-ip4", train("ip4", 11, 20'000)),
                    Catch::Contains("train.packets"));
  CHECK_THROWS_WITH(rig.run("ping-train-ip4", train("ip4", 10, 19'999)),
                    Catch::Contains("train.interval.us"));
  const Result result = rig.result("ping-train-ip4", train("ip4", 10, 20'000));
  CHECK(number(result.rows()[0], "packets.sent") == 10);
}
