#include "mplane/probes/ping/capabilities.hpp"

#include "mplane/probe/echo_tag.hpp"
#include "mplane/probes/common/offer.hpp"
#include "mplane/probes/ping/request.hpp"

#include <initializer_list>
#include <string>
#include <utility>

namespace mplane {
namespace {

using Columns = std::initializer_list<const char*>;

CapabilityBuilder draft(const std::string& kind, const When& when, IpFamily family,
                        const std::vector<Address>& sources) {
  const std::string tail(tail_of(family));
  return Capability::measure("ping-" + kind + "-" + tail)
      .when(when)
      .parameter("source." + tail, Constraint::one_of({sources.begin(), sources.end()}))
      .parameter("destination." + tail);
}

Capability finish(CapabilityBuilder builder, Columns columns, const Registry& registry) {
  for (const char* const column : columns) builder = std::move(builder).result(column);
  return std::move(builder).build(registry);
}

Constraint from(std::uint64_t low, std::uint64_t high) { return Constraint::range(low, high); }

}  // namespace

std::vector<Capability> ping_capabilities(const Registry& registry, IpFamily family,
                                          const std::vector<Address>& sources, Duration period) {
  const When when = When::between(Time::now(), Time::future()).every(period);
  const auto capability = [&](const std::string& kind, Columns columns) {
    return finish(draft(kind, when, family, sources), columns, registry);
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

std::vector<Capability> train_capabilities(const Registry& registry, IpFamily family,
                                           const std::vector<Address>& sources,
                                           const PingSettings& settings) {
  constexpr std::uint64_t kHour = 3'600'000'000;
  const When when = When::between(Time::now(), Time::future());
  const auto least = static_cast<std::uint64_t>(settings.train_interval.count());
  const auto capability = [&](const std::string& kind, Columns columns) {
    auto builder = draft(kind, when, family, sources)
                       .parameter("train.packets", from(1, settings.train_packets))
                       .parameter("train.interval.us", from(least, kHour))
                       .parameter("octets.icmp", from(kEchoTagSize, kLargestEchoPayload))
                       .parameter("hoplimit.ip", from(1, 255))
                       .parameter("dscp.ip", from(0, 63));
    return finish(std::move(builder), columns, registry);
  };
  return {
      capability(
          "train",
          {"packets.sent", "delay.twoway.icmp.count", "packets.lost", "packets.late",
           "packets.failed", "packets.duplicate", "packets.outoforder", "delay.twoway.icmp.us.min",
           "delay.twoway.icmp.us.mean", "delay.twoway.icmp.us.50pct", "delay.twoway.icmp.us.95pct",
           "delay.twoway.icmp.us.99pct", "delay.twoway.icmp.us.max", "delay.twoway.icmp.us.stddev",
           "ipdv.twoway.icmp.us.mean", "ipdv.twoway.icmp.us.max", "pdv.twoway.icmp.us.95pct",
           "pdv.twoway.icmp.us.99pct"}),
      capability("packets", {"packet.number", "time", "delay.twoway.icmp.us", "packet.fate",
                             "hoplimit.reply.ip", "packets.duplicate"}),
  };
}

}  // namespace mplane
