#pragma once

#include "mplane/model/address.hpp"
#include "mplane/model/capability.hpp"
#include "mplane/model/registry.hpp"
#include "mplane/model/time.hpp"
#include "mplane/probe/icmp_packet.hpp"
#include "mplane/probes/ping/settings.hpp"

#include <vector>

namespace mplane {

/// What can be measured by ping from these addresses, all of one family:
///
///     ping-average-ip4     delay.twoway.icmp.us.min .mean .max, delay.twoway.icmp.count
///     ping-detail-ip4      time, delay.twoway.icmp.us; a row for each packet
///     ping-statistics-ip4  as average, with .50pct and packets.lost
///
/// and the same with ip6. Each takes `source.ip4`, one of the addresses, and `destination.ip4`,
/// any. The first two have the schemas that every mPlane ping has had.
std::vector<Capability> ping_capabilities(const Registry& registry, IpFamily family,
                                          const std::vector<Address>& sources, Duration period);

/// What can be measured by trains of packets, with elements of registry/probes.json:
///
///     ping-train-ip4    counts of packets, delays and their variation, in one row
///     ping-packets-ip4  a row for each packet: number, time, delay, fate, hop limit, duplicates
///
/// Each takes, beside source and destination, `train.packets`, `train.interval.us`, `octets.icmp`,
/// `hoplimit.ip` and `dscp.ip`, within the bounds of the settings.
std::vector<Capability> train_capabilities(const Registry& registry, IpFamily family,
                                           const std::vector<Address>& sources,
                                           const PingSettings& settings);

}  // namespace mplane
