#include "trace_report.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::detail;

namespace {

const char* const kTarget = "192.0.2.9";

HopProbe probe(std::uint32_t flow, std::uint8_t hop, const std::string& from) {
  HopProbe made{.flow = flow, .hop = hop};
  if (from.empty()) return made;
  const Address host = Address::parse(from);
  made.reply = HopReply{.from = host};
  if (from != kTarget) made.reply->error = IcmpNotice{.reporter = host, .type = 11, .code = 0};
  return made;
}

TraceReport report(std::vector<HopProbe> probes) {
  return {.target = {.address = Address::parse(kTarget)}, .probes = std::move(probes)};
}

std::string outcome(const std::string& target, const std::string& from, std::uint8_t type,
                    std::uint8_t code, TraceMethod method = TraceMethod::Udp) {
  HopProbe made{.hop = 1};
  const Address host = Address::parse(from);
  made.reply =
      HopReply{.from = host, .error = IcmpNotice{.reporter = host, .type = type, .code = code}};
  return std::string(to_string(outcome_of(made, Address::parse(target), method)));
}

}  // namespace

TEST_CASE("an answer's type, code and sender tell what became of a packet", "[trace]") {
  const std::string router = "192.0.2.1";
  CHECK(outcome(kTarget, router, 11, 0) == "passed");
  CHECK(outcome(kTarget, kTarget, 11, 0) == "passed");  // it forwards for itself, badly
  CHECK(outcome(kTarget, router, 11, 1) == "unreachable");
  CHECK(outcome(kTarget, router, 3, 3) == "reached");
  for (const TraceMethod method : {TraceMethod::Icmp, TraceMethod::Tcp}) {
    CHECK(outcome(kTarget, router, 3, 3, method) == "prohibited");
    CHECK(outcome(kTarget, kTarget, 3, 3, method) == "reached");
    CHECK(outcome("2001:db8::9", "2001:db8::1", 1, 4, method) == "prohibited");
  }
  CHECK(outcome(kTarget, kTarget, 3, 13) == "reached");
  CHECK(outcome(kTarget, router, 3, 13) == "prohibited");
  CHECK(outcome(kTarget, router, 3, 1) == "unreachable");
  CHECK(outcome(kTarget, router, 12, 0) == "unreachable");
  CHECK(outcome("2001:db8::9", "2001:db8::1", 3, 0) == "passed");
  CHECK(outcome("2001:db8::9", "2001:db8::1", 1, 4) == "reached");
  CHECK(outcome("2001:db8::9", "2001:db8::1", 1, 1) == "prohibited");
  CHECK(outcome("2001:db8::9", "2001:db8::1", 1, 0) == "unreachable");
}

TEST_CASE("paths are counted that differ and are known whole", "[trace]") {
  const Paths none = paths_of(report({}));
  CHECK(none.complete == 0);
  CHECK(none.missed == 1);  // nothing is known
  const auto flow = [](std::uint32_t number, const std::string& second) {
    return std::vector<HopProbe>{probe(number, 1, "192.0.2.1"), probe(number, 2, second),
                                 probe(number, 3, kTarget)};
  };
  std::vector<HopProbe> probes;
  for (const auto& path : {flow(0, "192.0.2.2"), flow(1, "192.0.2.3"), flow(2, "192.0.2.2"),
                           flow(3, "")}) {  // one with a hole
    probes.insert(probes.end(), path.begin(), path.end());
  }
  probes.push_back(probe(4, 1, "192.0.2.8"));  // one that did not arrive
  CHECK(paths_of(report(probes)).complete == 2);
}

TEST_CASE("the chance of having missed a path falls with the flows", "[trace]") {
  const auto missed = [](std::uint32_t flows, std::uint32_t routers) {
    std::vector<HopProbe> probes;
    for (std::uint32_t flow = 0; flow < flows; ++flow) {
      probes.push_back(probe(flow, 1, "192.0.2." + std::to_string(flow % routers + 1)));
    }
    return paths_of(report(probes)).missed;
  };
  CHECK(missed(1, 1) == Approx(1));
  CHECK(missed(6, 1) == Approx(2.0 / 64));  // the first of the algorithm's stopping points
  CHECK(missed(6, 1) < 0.05);
  CHECK(missed(11, 2) < 0.05);
  CHECK(missed(10, 2) > 0.05);
  CHECK(missed(16, 3) < 0.05);
  CHECK(missed(15, 3) > 0.05);
  CHECK(missed(2, 2) == Approx(1));  // never more than certain
}

TEST_CASE("of a hop that says nothing, nothing is known", "[trace]") {
  std::vector<HopProbe> probes;
  for (std::uint32_t flow = 0; flow < 16; ++flow) {
    for (const auto& each :
         {probe(flow, 1, "192.0.2.1"), probe(flow, 2, ""), probe(flow, 3, kTarget)}) {
      probes.push_back(each);
    }
  }
  CHECK(paths_of(report(probes)).missed == 1);
}
