#pragma once

#include "mplane/model/registry.hpp"
#include "mplane/probes/common/offer.hpp"
#include "mplane/probes/ping/capabilities.hpp"
#include "mplane/probes/ping/request.hpp"
#include "mplane/probes/ping/result.hpp"
#include "mplane/probes/ping/run.hpp"
#include "mplane/probes/ping/settings.hpp"
#include "mplane/probes/ping/statistics.hpp"
#include "mplane/scheduler/service.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace mplane {

/// The module `ping`: round-trip delay (RFC 2681) and loss (RFC 6673) by ICMP echo, natively and
/// asynchronously on the engine. Its capabilities are those of `ping_capabilities`, for IPv4 and,
/// where the host has it, IPv6. The engine need not run yet.
/// @param settings see PingSettings.
/// @throws Error{Configuration} naming the setting that is wrong, the source that is no address of
/// this host, or the right that is missing: CAP_NET_RAW or net.ipv4.ping_group_range.
std::vector<Service> make_ping(const Registry& registry,
                               const std::map<std::string, std::string, std::less<>>& settings,
                               const ProbeContext& context);

}  // namespace mplane
