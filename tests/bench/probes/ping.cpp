// What ping is worth: its delays and losses against `ping` and against what the link did, its speed
// against a bare loop of system calls and against `fping`. Everything happens between network
// namespaces of its own.

#include "bench.hpp"
#include "echo_loop.hpp"
#include "mplane/probes/ping/statistics.hpp"
#include "probes/ping/ping_rig.hpp"
#include "support/link/two_hosts.hpp"
#include "support/link/veth_hosts.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <future>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <vector>

namespace {

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

constexpr const char* kOpenToAll = "0 2147483647";

PingRequest request_to(const std::string& target, std::uint32_t count, Duration interval) {
  return {.source = Address::parse(TwoHosts::kA4),
          .destination = Address::parse(target),
          .count = count,
          .interval = interval};
}

/// The median of what `ping` prints, in microseconds.
double median_of_ping(const std::string& output) {
  std::vector<double> times;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    const auto time = line.find("time=");
    if (time != std::string::npos) times.push_back(std::stod(line.substr(time + 5)) * 1'000);
  }
  if (times.empty()) throw std::runtime_error("ping printed no delay");
  return bench::percentile(std::move(times), 50);
}

// Both at the same time over the same link: by how much do the medians differ, as a part of what
// they may (20 µs or 1 %)?
double truth(const TwoHosts& hosts, PingRig& rig) {
  auto ours = rig.start(request_to(TwoHosts::kB4, 40, 25ms));
  const double theirs = median_of_ping(hosts.a().run("ping -c 40 -i 0.025 10.77.0.2"));
  const auto report = ours.get();
  const auto mine = summarize(report.samples);
  const double off = std::abs(static_cast<double>(mine.median.value()) - theirs);
  return off / std::max(20.0, theirs / 100);
}

void measure_truth(bench::Suite& suite, const std::string& name,
                   std::chrono::nanoseconds each_way) {
  suite.limit(name, {{"", "of 20 us or 1 %"}}, {1}, [each_way]() -> std::vector<double> {
    const TwoHosts hosts({.a_to_b = {.delay = each_way}, .b_to_a = {.delay = each_way}});
    PingRig rig(hosts.a());
    return {truth(hosts, rig)};
  });
}

void measure_loss(bench::Suite& suite, const std::string& name, double loss) {
  std::uint64_t seed = 0;
  // They have to be equal: one packet off is half of what is good enough.
  suite.limit(name, {{"", "packets"}}, {0.5}, [loss, seed]() mutable -> std::vector<double> {
    const TwoHosts hosts({.a_to_b = {.delay = 1ms, .loss = loss}, .seed = ++seed});
    PingRig rig(hosts.a());
    const auto ours = rig.run(request_to(TwoHosts::kB4, 500, 2ms));
    const auto dropped = hosts.count([](const LinkRecord& r) { return r.fate.dropped; });
    const double counted = static_cast<double>(summarize(ours.samples).lost);
    return {std::abs(counted - static_cast<double>(dropped))};
  });
}

// So many packets a target, 1 a second, to one target or to many.
/// A network that is made when the first row needs it, with an engine in it.
class Wire {
 public:
  const VethHosts& hosts() {
    if (!hosts_) {
      hosts_.emplace();
      hosts_->a().set("ipv4/ping_group_range", kOpenToAll);
      hosts_->b().set("ipv4/icmp_msgs_per_sec", "10000000");
    }
    return *hosts_;
  }
  PingRig& rig() {
    if (!rig_) rig_.emplace(hosts().a());
    return *rig_;
  }

 private:
  std::optional<VethHosts> hosts_;
  std::optional<PingRig> rig_;
};

struct Load {
  double p99;
  double lost;
  double seconds;
};

constexpr std::uint32_t kPackets = 5;

Load load_of(PingRig& rig, unsigned targets) {
  const double before = bench::processor_time();
  const auto start = std::chrono::steady_clock::now();  // packets are spread over each second
  std::vector<std::future<PingReport>> outcomes;
  for (unsigned n = 0; n < targets; ++n) {
    auto request = request_to(TwoHosts::kB4, kPackets, 1s);
    request.destination =
        Ip4({10, 99, static_cast<std::uint8_t>(n / 250), static_cast<std::uint8_t>(n % 250 + 1)});
    if (n % 10 == 0) std::this_thread::sleep_until(start + 1s * n / targets);
    outcomes.push_back(rig.start(request));
  }
  std::vector<double> delays;
  double lost = 0;
  for (auto& outcome : outcomes) {
    const auto report = outcome.get();
    for (const PingSample& sample : report.samples) {
      if (sample.delay) delays.push_back(static_cast<double>(sample.delay->count()));
      lost += sample.delay ? 0 : 1;
    }
  }
  return {bench::percentile(std::move(delays), 99), lost, bench::processor_time() - before};
}

double children_time() {
  rusage used{};
  ::getrusage(RUSAGE_CHILDREN, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double fping_load(const VethHosts& hosts) {
  const double before = children_time();
  hosts.a().run({"sh", "-c",
                 "fping -q -r 0 -c " + std::to_string(kPackets) +
                     " -p 1000 -i 0.1 -t 1000 -g 10.99.0.1 10.99.39.16 2>/dev/null | tail -1"});
  return children_time() - before;
}

void measure_many(bench::Suite& suite) {
  Wire wire;
  suite.limit("ping-10k", {{"-p99", "us more than 1 target"}, {"-loss", "packets"}}, {100, 1},
              [&]() -> std::vector<double> {
                const Load alone = load_of(wire.rig(), 1);
                const Load many = load_of(wire.rig(), 10'000);
                return {std::max(many.p99 - alone.p99, 0.0), many.lost};
              });
  suite.compare(
      "ping-10k-cpu", {{"", "s"}},
      [&]() -> std::vector<double> { return {load_of(wire.rig(), 10'000).seconds}; },
      [&]() -> std::vector<double> { return {fping_load(wire.hosts())}; });
}

double our_rate(PingRig& rig) {
  constexpr std::uint32_t kCount = 200'000;
  auto request = request_to(TwoHosts::kB4, kCount, 1us);
  const auto start = std::chrono::steady_clock::now();
  const auto statistics = summarize(rig.run(request).samples);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return static_cast<double>(statistics.count) / took.count();
}

double bare_rate(const VethHosts& hosts) {
  return std::async(std::launch::async,
                    [&] {
                      hosts.a().enter();
                      return yardstick::echo_loop(TwoHosts::kB4, 200'000);
                    })
      .get();
}

double fping_rate(const VethHosts& hosts) {
  const auto start = std::chrono::steady_clock::now();
  hosts.a().run(
      {"sh", "-c",
       "fping -q -r 0 -c 4 -p 1 -i 0 -t 1000 -g 10.99.0.1 10.99.39.16 2>/dev/null | tail -1"});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return 40'000 / took.count();
}

void measure_rate(bench::Suite& suite) {
  Wire wire;
  const auto ours = [&]() -> std::vector<double> { return {our_rate(wire.rig())}; };
  suite.compare("echo-rate", {{"", "1/s", bench::Better::Higher}}, ours,
                [&]() -> std::vector<double> { return {bare_rate(wire.hosts())}; });
  suite.compare("echo-rate-fping", {{"", "1/s", bench::Better::Higher}}, ours,
                [&]() -> std::vector<double> { return {fping_rate(wire.hosts())}; });
}

}  // namespace

int main(int argc, char** argv) {
  bench::Suite suite(argc, argv);
  measure_truth(suite, "ping-truth-0.5ms", 250us);
  measure_truth(suite, "ping-truth-5ms", 2500us);
  measure_truth(suite, "ping-truth-50ms", 25ms);
  measure_loss(suite, "ping-loss-1pct", 0.01);
  measure_loss(suite, "ping-loss-10pct", 0.1);
  measure_loss(suite, "ping-loss-50pct", 0.5);
  measure_rate(suite);
  if (suite.large()) measure_many(suite);
  return suite.finish();
}
