#include "mplane/probes/ping/run.hpp"

#include "mplane/model/error.hpp"
#include "mplane/probes/ping/statistics.hpp"
#include "ping_rig.hpp"
#include "support/link/rights.hpp"
#include "support/link/two_hosts.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <optional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

const Address kLoopback4 = Ip4::parse("127.0.0.1");
const Address kLoopback6 = Ip6::parse("::1");

PingRequest loopback(IpFamily family, std::uint32_t count, Duration interval) {
  const Address host = family == IpFamily::Ip4 ? kLoopback4 : kLoopback6;
  return {.source = host, .destination = host, .count = count, .interval = interval};
}

PingRequest across(IpFamily family, std::uint32_t count, Duration interval, Duration wait = 1s) {
  const bool ip4 = family == IpFamily::Ip4;
  return {.source = Address::parse(ip4 ? TwoHosts::kA4 : TwoHosts::kA6),
          .destination = Address::parse(ip4 ? TwoHosts::kB4 : TwoHosts::kB6),
          .count = count,
          .interval = interval,
          .wait = wait};
}

/// The median of the round trips that `ping` prints, in microseconds.
double median_of_ping(const std::string& output) {
  std::vector<double> times;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    const auto time = line.find("time=");
    if (time != std::string::npos) times.push_back(std::stod(line.substr(time + 5)) * 1'000);
  }
  REQUIRE_FALSE(times.empty());
  std::sort(times.begin(), times.end());
  return (times[(times.size() - 1) / 2] + times[times.size() / 2]) / 2;
}

/// What the packets of 50 round trips spent in the link, on average, in microseconds.
double mean_in_log(const TwoHosts& hosts) {
  std::chrono::nanoseconds sum(0);
  for (const LinkRecord& record : hosts.log()) sum += record.departed - record.arrived;
  return static_cast<double>(sum.count()) / 50 / 1'000;
}

std::string error_of(PingRig& rig, const PingRequest& request) {
  try {
    rig.run(request);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "none";
}

std::size_t replies(const PingReport& report) { return summarize(report.samples).count; }

bool is_dropped(const LinkRecord& record) { return record.fate.dropped; }

}  // namespace

TEST_CASE("three packets, a second apart, and three plausible delays", "[ping][network]") {
  const IpFamily family = GENERATE(IpFamily::Ip4, IpFamily::Ip6);
  PingRig rig;
  const PingReport report = rig.run(loopback(family, 3, 1s));
  REQUIRE(report.samples.size() == 3);
  Duration planned = 0s;
  for (const PingSample& sample : report.samples) {
    REQUIRE(sample.delay);
    CHECK(*sample.delay < 500ms);
    CHECK(sample.sent - report.first >= planned - 1ms);
    CHECK(sample.sent - report.first < planned + 1s);  // before the next one is due
    planned += 1s;
  }
  CHECK(report.first == report.samples.front().sent);
  CHECK(report.last == report.samples.back().sent);
  CHECK(report.stamps[0] + report.stamps[1] + report.stamps[2] == 3);
}

TEST_CASE("delays agree with those of ping beside it", "[ping][network]") {
  const IpFamily family = GENERATE(IpFamily::Ip4, IpFamily::Ip6);
  PingRig rig;
  auto ours = rig.start(loopback(family, 50, 20ms));
  const NetworkNamespace here = NetworkNamespace::current();
  const std::string theirs = here.run(std::string("ping -c 50 -i 0.02 ") +
                                      (family == IpFamily::Ip4 ? "127.0.0.1" : "::1"));
  const auto statistics = summarize(ours.get().samples);
  REQUIRE(statistics.count == 50);
  CHECK(static_cast<double>(*statistics.median) == Approx(median_of_ping(theirs)).margin(100));
}

TEST_CASE("a link of 10 ms each way makes 20 ms within 5 %, as its log and ping see it",
          "[ping][network]") {
  const IpFamily family = GENERATE(IpFamily::Ip4, IpFamily::Ip6);
  const TwoHosts hosts({.a_to_b = {.delay = 10ms}, .b_to_a = {.delay = 10ms}});
  PingRig rig(hosts.a());
  const auto ours = summarize(rig.run(across(family, 50, 20ms)).samples);
  const double truth = mean_in_log(hosts);
  auto beside = rig.start(across(family, 50, 20ms));
  const std::string theirs = hosts.a().run(std::string("ping -c 50 -i 0.02 ") +
                                           (family == IpFamily::Ip4 ? "10.77.0.2" : "fd77::2"));
  const auto with_ping = summarize(beside.get().samples);
  REQUIRE(ours.count == 50);
  CHECK(static_cast<double>(*ours.median) == Approx(20'000).epsilon(0.05));
  CHECK(static_cast<double>(*ours.mean) == Approx(truth).epsilon(0.05));
  CHECK(static_cast<double>(*with_ping.median) == Approx(median_of_ping(theirs)).epsilon(0.02));
}

TEST_CASE("losses are those that the link made", "[ping][network]") {
  const double loss = GENERATE(0.01, 0.1, 0.5);
  const TwoHosts hosts(
      {.a_to_b = {.delay = 1ms, .loss = loss}, .b_to_a = {.loss = loss}, .seed = 9});
  PingRig rig(hosts.a());
  const PingReport report = rig.run(across(IpFamily::Ip4, 300, 2ms, 300ms));
  CHECK(report.samples.size() == 300);
  CHECK(300 - replies(report) == hosts.count(is_dropped));
}

TEST_CASE("a target that never answers is a result with everything lost", "[ping][network]") {
  const IpFamily family = GENERATE(IpFamily::Ip4, IpFamily::Ip6);
  const TwoHosts hosts({.a_to_b = {.loss = 1}});
  PingRig rig(hosts.a());
  const auto start = std::chrono::steady_clock::now();
  const PingReport report = rig.run(across(family, 3, 50ms, 200ms));
  const auto took = std::chrono::steady_clock::now() - start;
  CHECK(report.samples.size() == 3);
  CHECK(replies(report) == 0);
  CHECK(report.failures == 0);
  CHECK(took >= 300ms);  // two intervals and the wait for the last
  CHECK(took < 2s);
}

TEST_CASE("doubled replies are counted apart", "[ping][network]") {
  const TwoHosts hosts({.b_to_a = {.duplicate = 1}});
  PingRig rig(hosts.a());
  const PingReport report = rig.run(across(IpFamily::Ip4, 10, 10ms));
  CHECK(replies(report) == 10);
  CHECK(report.duplicates >= 9);  // the last one may come after the end
  CHECK(report.duplicates <= 10);
}

TEST_CASE("replies that overtake each other are all counted", "[ping][network]") {
  const TwoHosts hosts({.a_to_b = {.reorder = 0.3, .reorder_by = 30ms}, .seed = 3});
  PingRig rig(hosts.a());
  const PingReport report = rig.run(across(IpFamily::Ip6, 50, 5ms));
  CHECK(hosts.count([](const LinkRecord& r) { return r.fate.held_back; }) > 5);
  CHECK(replies(report) == 50);
}

TEST_CASE("replies that come after the wait are lost, and counted as late", "[ping][network]") {
  const TwoHosts hosts({.a_to_b = {.delay = 150ms}});
  PingRig rig(hosts.a());
  const PingReport report = rig.run(across(IpFamily::Ip4, 20, 50ms, 100ms));
  CHECK(report.samples.size() == 20);
  CHECK(replies(report) == 0);
  CHECK(report.late > 0);  // the last ones come after the end
}

TEST_CASE("ICMP errors are losses, known at once", "[ping][network]") {
  const IpFamily family = GENERATE(IpFamily::Ip4, IpFamily::Ip6);
  const TwoHosts hosts({});
  hosts.b().set("ipv4/ip_forward", "1");
  hosts.b().set("ipv6/conf/all/forwarding", "1");
  hosts.b().set("ipv4/icmp_ratelimit", "0");
  hosts.b().set("ipv6/icmp/ratelimit", "0");
  hosts.b().run("ip route add prohibit 198.51.100.0/24");
  hosts.b().run("ip -6 route add prohibit 2001:db8::/32");
  hosts.a().run("ip route add default via 10.77.0.2");
  hosts.a().run("ip route add default via fd77::2");
  PingRig rig(hosts.a());
  PingRequest request = across(family, 3, 50ms, 20s);
  request.destination = Address::parse(family == IpFamily::Ip4 ? "198.51.100.7" : "2001:db8::7");
  const auto start = std::chrono::steady_clock::now();
  const PingReport report = rig.run(request);
  CHECK(std::chrono::steady_clock::now() - start < 5s);
  CHECK(report.samples.size() == 3);
  CHECK(replies(report) == 0);
  CHECK(report.failures == 3);
}

TEST_CASE("without a route packets are lost", "[ping][network]") {
  const NetworkNamespace network;
  PingRig rig(network);
  PingRequest request = loopback(IpFamily::Ip4, 3, 10ms);
  request.destination = Ip4::parse("192.0.2.1");
  const PingReport report = rig.run(request);
  CHECK(report.samples.size() == 3);
  CHECK(replies(report) == 0);
  CHECK(report.failures == 3);
}

TEST_CASE("a source that is no address of this host is an error", "[ping][network]") {
  PingRig rig;
  PingRequest request = loopback(IpFamily::Ip4, 1, 1s);
  request.source = Ip4::parse("192.0.2.1");
  CHECK(error_of(rig, request) ==
        "packets cannot be sent from 192.0.2.1: this host does not have it");
  CHECK(error_of(rig, loopback(IpFamily::Ip4, 1, 1s)) == "none");
}

TEST_CASE("a source that cannot reach the target is an error", "[ping][network]") {
  const TwoHosts hosts({});
  PingRig rig(hosts.a());
  PingRequest request = across(IpFamily::Ip4, 3, 10ms);
  request.source = kLoopback4;
  CHECK(error_of(rig, request) ==
        "nothing can be sent from 127.0.0.1 to 10.77.0.2: Invalid argument");
}

TEST_CASE("a source that vanishes in mid-run costs what comes after, and is named by the next run",
          "[ping][network]") {
  const TwoHosts hosts({});
  PingRig rig(hosts.a());
  auto outcome = rig.start(across(IpFamily::Ip4, 20, 50ms, 200ms));
  while (hosts.count([](const LinkRecord& r) { return r.direction == Direction::BToA; }) < 3) {
    std::this_thread::yield();
  }
  hosts.a().run("ip address del 10.77.0.1/24 dev eth0");
  const auto report = outcome.get();
  CHECK(report.samples.size() == 20);
  CHECK(replies(report) >= 3);
  CHECK(replies(report) < 20);
  CHECK_THAT(error_of(rig, across(IpFamily::Ip4, 1, 1s)), Catch::Contains("from 10.77.0.1"));
  CHECK(error_of(rig, across(IpFamily::Ip4, 1, 1s)) ==
        "packets cannot be sent from 10.77.0.1: this host does not have it");
}

TEST_CASE("an interface that goes down costs packets, and no more", "[ping][network]") {
  const TwoHosts hosts({});
  PingRig rig(hosts.a());
  auto outcome = rig.start(across(IpFamily::Ip4, 20, 50ms, 200ms));
  while (hosts.count([](const LinkRecord& r) { return r.direction == Direction::BToA; }) < 3) {
    std::this_thread::yield();
  }
  hosts.a().run("ip link set eth0 down");
  const auto report = outcome.get();
  CHECK(report.samples.size() == 20);
  CHECK(replies(report) < 20);
}

TEST_CASE("1,000 targets are pinged at once over one socket", "[ping][network]") {
  const TwoHosts hosts({});
  hosts.b().run("ip route add local 10.99.0.0/16 dev lo");
  hosts.a().run("ip route add 10.99.0.0/16 via 10.77.0.2");
  PingRig rig(hosts.a());
  // Until the neighbour is known, the kernel keeps no more than some hundred packets for it.
  REQUIRE(replies(rig.run(across(IpFamily::Ip4, 1, 1s, 10s))) == 1);
  std::vector<std::future<PingReport>> outcomes;
  for (unsigned n = 0; n < 1'000; ++n) {
    PingRequest request = across(IpFamily::Ip4, 3, 300ms);
    request.destination =
        Ip4({10, 99, static_cast<std::uint8_t>(n / 250), static_cast<std::uint8_t>(n % 250 + 1)});
    outcomes.push_back(rig.start(request));
  }
  std::size_t answered = 0;
  for (auto& outcome : outcomes) answered += replies(outcome.get());
  CHECK(answered == 3'000);
}

TEST_CASE("several pings of one target do not mistake each other's replies", "[ping][network]") {
  PingRig rig;
  std::vector<std::future<PingReport>> outcomes;
  for (int n = 0; n < 20; ++n) outcomes.push_back(rig.start(loopback(IpFamily::Ip4, 10, 5ms)));
  for (auto& outcome : outcomes) {
    const auto report = outcome.get();
    CHECK(replies(report) == 10);
    CHECK(report.duplicates == 0);
  }
}

TEST_CASE("a ping that is asked to stop ends with what it has", "[ping][network]") {
  const TwoHosts hosts({.a_to_b = {.delay = 1ms}});
  PingRig rig(hosts.a());
  std::stop_source stop;
  auto outcome = rig.start(across(IpFamily::Ip4, 1'000'000, 20ms), stop.get_token());
  while (hosts.count([](const LinkRecord& r) { return r.direction == Direction::BToA; }) < 5) {
    std::this_thread::yield();
  }
  stop.request_stop();
  REQUIRE(outcome.wait_for(10s) == std::future_status::ready);
  const auto report = outcome.get();
  CHECK(replies(report) >= 4);
  CHECK(replies(report) == report.samples.size());  // the one under way is neither here nor lost
  CHECK(report.last == report.samples.back().sent);
}

TEST_CASE("packets that were waited for when a ping was stopped are not lost", "[ping][network]") {
  const TwoHosts hosts({.a_to_b = {.loss = 1}});
  PingRig rig(hosts.a());
  std::stop_source stop;
  auto outcome = rig.start(across(IpFamily::Ip4, 1'000'000, 50ms, 1h), stop.get_token());
  while (hosts.log().size() < 3) std::this_thread::yield();
  stop.request_stop();
  const auto report = outcome.get();
  CHECK(report.samples.empty());
  CHECK(report.first == report.last);
}

TEST_CASE("a ping that was stopped before it started sends nothing", "[ping][network]") {
  const TwoHosts hosts({});
  PingRig rig(hosts.a());
  std::stop_source stop;
  stop.request_stop();
  const auto outcome = rig.start(across(IpFamily::Ip4, 3, 10ms), stop.get_token()).get();
  CHECK(outcome.samples.empty());
  CHECK(hosts.log().empty());
}

TEST_CASE("stopping from many threads as pings end disturbs nothing", "[ping][network]") {
  PingRig rig;
  std::vector<std::stop_source> stops(50);
  std::vector<std::future<PingReport>> outcomes;
  for (auto& stop : stops) {
    outcomes.push_back(rig.start(loopback(IpFamily::Ip4, 3, 1ms), stop.get_token()));
  }
  std::vector<std::jthread> threads;
  for (std::size_t half : {0U, 1U}) {
    threads.emplace_back([&stops, half] {
      for (std::size_t n = half; n < stops.size(); n += 2) stops[n].request_stop();
    });
  }
  threads.clear();
  for (auto& outcome : outcomes) {
    const auto report = outcome.get();
    CHECK(replies(report) == report.samples.size());
  }
}

TEST_CASE("when the host goes, what runs is abandoned", "[ping][network]") {
  PingRig rig;
  auto outcome = rig.start(loopback(IpFamily::Ip4, 1'000, 1s));
  rig.drop_host();
  CHECK_THROWS_AS(outcome.get(), std::future_error);
}

TEST_CASE("nobody can ping where the system opens datagram sockets", "[ping][network]") {
  const IpFamily family = GENERATE(IpFamily::Ip4, IpFamily::Ip6);
  const NetworkNamespace network;
  network.set("ipv4/ping_group_range", "0 2147483647");
  PingRig rig(network);
  rig.first([] { become_nobody(); });
  CHECK(replies(rig.run(loopback(family, 3, 10ms))) == 3);
}

TEST_CASE("without a right to ICMP a ping says which it needs", "[ping][network]") {
  const NetworkNamespace network;
  PingRig rig(network);
  rig.first([] { become_nobody(); });
  CHECK(error_of(rig, loopback(IpFamily::Ip4, 1, 1s)) ==
        "ICMP over IPv4 needs a right that is missing: CAP_NET_RAW or the process's "
        "group within net.ipv4.ping_group_range");
}
