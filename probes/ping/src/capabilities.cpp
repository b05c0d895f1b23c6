#include "mplane/probes/ping/capabilities.hpp"

#include <initializer_list>
#include <string>
#include <utility>

namespace mplane {

std::vector<Capability> ping_capabilities(const Registry& registry, IpFamily family,
                                          const std::vector<Address>& sources, Duration period) {
  const std::string tail = family == IpFamily::Ip4 ? "ip4" : "ip6";
  const When when = When::between(Time::now(), Time::future()).every(period);
  const Constraint from = Constraint::one_of({sources.begin(), sources.end()});
  const auto capability = [&](const std::string& kind, std::initializer_list<const char*> results) {
    auto builder = Capability::measure("ping-" + kind + "-" + tail)
                       .when(when)
                       .parameter("source." + tail, from)
                       .parameter("destination." + tail);
    for (const char* const result : results) builder = std::move(builder).result(result);
    return std::move(builder).build(registry);
  };
  return {
      capability("average", {"delay.twoway.icmp.us.min", "delay.twoway.icmp.us.mean",
                             "delay.twoway.icmp.us.max", "delay.twoway.icmp.count"}),
      capability("detail", {"time", "delay.twoway.icmp.us"}),
      capability("statistics", {"delay.twoway.icmp.us.min", "delay.twoway.icmp.us.mean",
                                "delay.twoway.icmp.us.50pct", "delay.twoway.icmp.us.max",
                                "delay.twoway.icmp.count", "packets.lost"}),
  };
}

}  // namespace mplane
