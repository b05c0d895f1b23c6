// What traceroute is worth: in eight hosts with four paths in the middle, whether every hop and
// every path was found, and how long that took beside what the link in front of the target takes.

#include "bench.hpp"
#include "probes/trace/trace_rig.hpp"
#include "support/link/crossroads.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

constexpr int kFlows = 48;  // one of four paths is missed by a chance of four in a million

/// How many of the topology's hosts and paths a result lacks.
double missing(const Result& result, const std::string& target) {
  const bool ip4 = target == Crossroads::kB4;
  std::set<std::string> expected{ip4 ? "1 10.1.0.2" : "1 fd01::2", "4 " + target};
  for (std::size_t n = 1; n <= Crossroads::kPaths; ++n) {
    const std::string number = std::to_string(n);
    expected.insert(ip4 ? "2 10.2." + number + ".2" : "2 fd02:" + number + "::2");
  }
  std::set<std::string> third;  // r2 answers by any of its addresses
  for (const auto& [hop, hosts] : answers(result)) {
    for (const std::string& host : hosts) {
      expected.erase(hop + " " + host);
      if (hop == "3" && host != "-") third.insert(host);
    }
  }
  const auto lacking = expected.size() + (third.empty() ? 1 : 0);
  const std::uint64_t paths = result.find_metadata("paths.ip")->get<std::uint64_t>();
  return static_cast<double>(lacking) + (paths < Crossroads::kPaths ? 1 : 0);
}

/// For how long the link held a packet there, and one back, at most.
double link_us(const std::vector<LinkRecord>& log) {
  std::chrono::nanoseconds there{0};
  std::chrono::nanoseconds back{0};
  for (const LinkRecord& record : log) {
    const bool is_there = record.direction == Direction::AToB;
    if (!record.packet.starts_with(is_there ? "udp" : "icmp")) continue;  // hosts say more
    auto& longest = is_there ? there : back;
    longest = std::max<std::chrono::nanoseconds>(longest, record.departed - record.arrived);
  }
  if (back == back.zero()) throw std::runtime_error("the target did not answer");
  return std::chrono::duration<double, std::micro>(there + back).count();
}

void measure(bench::Suite& suite, const std::string& name, const std::string& target) {
  suite.limit(name, {{"-found", "hops and paths missed"}, {"-time", "of the link's round trip"}},
              {0.5, 1.5}, [target]() -> std::vector<double> {
                const Crossroads network(50ms);  // each way, between the last two
                ServiceRig rig(network.a(), trace_module());
                const auto start = std::chrono::steady_clock::now();
                const Result result = trace(rig, "paths", target, kFlows);
                const std::chrono::duration<double, std::micro> took =
                    std::chrono::steady_clock::now() - start;
                return {missing(result, target), took.count() / link_us(network.log())};
              });
}

}  // namespace

int main(int argc, char** argv) {
  bench::Suite suite(argc, argv);
  measure(suite, "trace-paths-ip4", Crossroads::kB4);
  measure(suite, "trace-paths-ip6", Crossroads::kB6);
  return suite.finish();
}
