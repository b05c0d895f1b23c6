#pragma once

#include "mplane/model/registry.hpp"
#include "mplane/probes/common/offer.hpp"
#include "mplane/probes/throughput/datagram_count.hpp"
#include "mplane/probes/throughput/wire.hpp"
#include "mplane/scheduler/service.hpp"

#include <map>
#include <string>
#include <vector>

namespace mplane {

/// The module `throughput`: `throughput-tcp-ip4`, `throughput-udp-ip4` and the same for IPv6 send
/// to a component that runs `throughput-receive-ip4` then. Senders are exclusive, unless the
/// operator says otherwise. Needs no right.
/// @throws Error{Configuration} for a setting, or the registry that is missing.
std::vector<Service> make_throughput(
    const Registry& registry, const std::map<std::string, std::string, std::less<>>& settings,
    const ProbeContext& context);

}  // namespace mplane
