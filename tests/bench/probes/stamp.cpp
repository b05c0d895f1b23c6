// What delays of one direction are worth: packet by packet against what the link did to each, over
// a link that is not the same in both directions. Both hosts have one clock.

#include "bench.hpp"
#include "probes/stamp/stamp_rig.hpp"
#include "support/link/two_hosts.hpp"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

constexpr int kPackets = 100;

/// How long the link had each packet, in microseconds, by the number in it.
using Passages = std::map<std::pair<Direction, std::uint64_t>, double>;

Passages passages_of(const TwoHosts& hosts) {
  Passages passages;
  for (const LinkRecord& record : hosts.log()) {
    const auto at = record.packet.find("first=");
    if (at == std::string::npos) continue;
    const std::chrono::duration<double, std::micro> spent = record.departed - record.arrived;
    const auto number = std::stoull(record.packet.substr(at + 6, 8), nullptr, 16);
    passages.emplace(std::pair{record.direction, number}, spent.count());
  }
  return passages;
}

/// By how much the delays of a train are off, in the middle: there and back.
std::vector<double> differences(ServiceRig& sender, const TwoHosts& hosts) {
  const Result train = sender.result("stamp-packets-ip4", train_to(TwoHosts::kB4, kPackets, 5'000));
  const Passages truth = passages_of(hosts);
  std::vector<double> there;
  std::vector<double> back;
  for (const Row row : train.rows()) {
    if (!row.has_value("delay.forward.stamp.us")) throw std::runtime_error("a packet was lost");
    const auto sent = truth.at({Direction::AToB, number(row, "packet.number")});
    const auto replied = truth.at({Direction::BToA, number(row, "packet.number.reflector")});
    there.push_back(std::abs(row.get<double>("delay.forward.stamp.us") - sent));
    back.push_back(std::abs(row.get<double>("delay.backward.stamp.us") - replied));
  }
  return {bench::percentile(std::move(there), 50), bench::percentile(std::move(back), 50)};
}

}  // namespace

int main(int argc, char** argv) {
  bench::Suite suite(argc, argv);
  suite.limit("stamp", {{"-forward", "us off"}, {"-backward", "us off"}}, {50, 50},
              []() -> std::vector<double> {
                const TwoHosts hosts({.a_to_b = {.delay = 20ms}, .b_to_a = {.delay = 5ms}});
                const Texts settings{{"train-interval", "1ms"}, {"wait", "10s"}};
                const Reflecting reflecting(hosts.b(), "ip4", settings);
                ServiceRig sender(hosts.a(), stamp(settings));
                return differences(sender, hosts);
              });
  return suite.finish();
}
