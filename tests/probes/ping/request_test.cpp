#include "mplane/probes/ping/request.hpp"

#include "mplane/model/error.hpp"
#include "mplane/probes/ping/capabilities.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;

namespace {

const Instant kNow = Time::parse("2024-05-01 12:00:00").instant();

Capability average(IpFamily family) {
  const Address source =
      family == IpFamily::Ip4 ? Address(Ip4::parse("10.77.0.1")) : Address(Ip6::parse("fd77::1"));
  return ping_capabilities(Registry::core(), family, {source}, 1s).front();
}

/// A specification for a ping; also without a period, which the capability itself would refuse.
Specification specification(const std::string& when) {
  const When scope = When::parse(when);
  Capability capability = average(IpFamily::Ip4);
  if (!scope.inner().period()) capability = capability.with_when(When::parse("now ... future"));
  return capability.specify(scope).set("destination.ip4", "10.77.0.2").build(kNow);
}

}  // namespace

TEST_CASE("a scope says how many packets there are", "[ping]") {
  struct Row {
    std::string when;
    std::uint32_t count;
    Duration interval;
  };
  const auto row = GENERATE(values<Row>({
      {"now + 3s / 1s", 3, 1s},  // at 0, 1 and 2 s
      {"now + 3s / 2s", 2, 2s},  // at 0 and 2 s
      {"now + 4s / 2s", 2, 2s},  // the end does not count
      {"now + 1s / 1s", 1, 1s},
      {"now + 1s / 1m", 1, 1min},
      {"now + 1h / 1s", 3'600, 1s},
      {"now + 3s", 3, 1s},  // the usual period
      {"now", 1, 1s},
      {"now ... future / 1s", 5'000, 1s},  // as many as are allowed
      {"now + inf / 1s", 5'000, 1s},
      {"now + 30d / 1s", 5'000, 1s},
      {"now ... 2024-05-01 12:00:10 / 5s", 2, 5s},
      {"2024-05-01 12:00:00 ... 2024-05-01 12:00:10 / 5s", 2, 5s},
      {"2024-05-01 12:00:00 + 10s / 5s", 2, 5s},
      {"2024-05-01 12:00:00", 1, 1s},
  }));
  CAPTURE(row.when);
  PingSettings settings;
  settings.max_packets = 5'000;
  const PingRequest request = parse_ping_request(specification(row.when), settings, kNow);
  CHECK(request.count == row.count);
  CHECK(request.interval == row.interval);
  CHECK(request.wait == settings.wait);
  CHECK(to_string(request.source) == "10.77.0.1");
  CHECK(to_string(request.destination) == "10.77.0.2");
}

TEST_CASE("a run that starts a little late has all its packets, one that starts late fewer",
          "[ping]") {
  const Specification spec = specification("2024-05-01 12:00:00 + 10s / 1s");
  const auto count_at = [&](Duration late) {
    return parse_ping_request(spec, {}, kNow + late).count;
  };
  CHECK(count_at(0s) == 10);
  CHECK(count_at(3ms) == 10);
  CHECK(count_at(-3ms) == 10);
  CHECK(count_at(4s) == 6);
  CHECK(count_at(20s) == 1);
}

TEST_CASE("one run of a repeated scope has the packets of that run", "[ping]") {
  const Specification spec = specification("repeat now + 1h / 1m { now + 5s / 1s }");
  CHECK(parse_ping_request(spec.run_at(kNow), {}, kNow).count == 5);
}

TEST_CASE("targets that are no single host of the family are refused by name", "[ping]") {
  struct Row {
    IpFamily family;
    std::string target;
    std::string words;
  };
  const auto row = GENERATE(values<Row>({
      {IpFamily::Ip4, "fd77::2", "fd77::2 is no IPv4 address"},
      {IpFamily::Ip4, "10.77.0.0/24", "10.77.0.0/24 is a network, not a host"},
      {IpFamily::Ip4, "0.0.0.0", "0.0.0.0 stands for no host"},
      {IpFamily::Ip4, "224.0.0.1",
       "224.0.0.1 is a multicast address; replies to it cannot be told "
       "from forged ones"},
      {IpFamily::Ip6, "10.77.0.2", "10.77.0.2 is no IPv6 address"},
      {IpFamily::Ip6, "fd77::/64", "fd77::/64 is a network, not a host"},
      {IpFamily::Ip6, "::", ":: stands for no host"},
      {IpFamily::Ip6, "ff02::1",
       "ff02::1 is a multicast address; replies to it cannot be told "
       "from forged ones"},
  }));
  CAPTURE(row.target);
  const std::string name = row.family == IpFamily::Ip4 ? "destination.ip4" : "destination.ip6";
  const Specification spec =
      average(row.family).specify("now + 1s / 1s").set(name, Value(row.target)).build(kNow);
  CHECK_THROWS_WITH(parse_ping_request(spec, {}, kNow), "parameters/" + name + ": " + row.words);
}

TEST_CASE("the capabilities have the schemas that every mPlane ping has had", "[ping]") {
  const auto capabilities =
      ping_capabilities(Registry::core(), IpFamily::Ip4, {Ip4::parse("10.0.27.2")}, 1s);
  REQUIRE(capabilities.size() == 3);
  CHECK(capabilities[0].label() == "ping-average-ip4");
  CHECK(capabilities[1].label() == "ping-detail-ip4");
  CHECK(capabilities[2].label() == "ping-statistics-ip4");
  const std::vector<std::string> parameters{"source.ip4", "destination.ip4"};
  const std::vector<std::string> results{"delay.twoway.icmp.us.min", "delay.twoway.icmp.us.mean",
                                         "delay.twoway.icmp.us.max", "delay.twoway.icmp.count"};
  CHECK(capabilities[0].schema() == Schema(Registry::core(), parameters, results));
  const std::vector<std::string> detail{"time", "delay.twoway.icmp.us"};
  CHECK(capabilities[1].schema() == Schema(Registry::core(), parameters, detail));
  CHECK(to_string(capabilities[0].when()) == "now ... future / 1s");
  CHECK(to_string(capabilities[0].constraint("source.ip4")) == "10.0.27.2");
  CHECK(to_string(capabilities[0].constraint("destination.ip4")) == "*");
}

TEST_CASE("with several sources the client chooses", "[ping]") {
  const auto capabilities = ping_capabilities(Registry::core(), IpFamily::Ip6,
                                              {Ip6::parse("fd77::1"), Ip6::parse("fd77::2")}, 5s);
  CHECK(to_string(capabilities[0].constraint("source.ip6")) == "fd77::1,fd77::2");
  CHECK(to_string(capabilities[0].when()) == "now ... future / 5s");
  const Specification spec = capabilities[0]
                                 .specify("now + 10s / 5s")
                                 .set("source.ip6", "fd77::2")
                                 .set("destination.ip6", "fd77::9")
                                 .build(kNow);
  CHECK(to_string(parse_ping_request(spec, {}, kNow).source) == "fd77::2");
}
