#pragma once

#include "mplane/model/registry.hpp"
#include "mplane/probes/common/offer.hpp"
#include "mplane/scheduler/service.hpp"

#include <map>
#include <string>
#include <vector>

namespace mplane {

/// The module `trace`: the routers on the way to a target, by UDP, ICMP and TCP (`trace-udp-ip4`,
/// …), over several flows to find parallel paths (`paths-udp-ip4`, `paths-tcp-ip4`), and the
/// greatest packet that gets through whole (`path-mtu-ip4`); each also with ip6. Natively and
/// asynchronously: UDP and TCP by sockets' error queues need no right, but with one to raw sockets
/// all packets by TCP are of one flow. What takes ICMP echo, or TCP in several flows, is offered
/// where the system allows that.
/// @param settings `wait`, how long an answer is waited for; `resolver`, servers to ask instead of
/// the system's.
/// @throws Error{Configuration} naming the setting that is wrong, or the registry that is missing.
std::vector<Service> make_trace(const Registry& registry,
                                const std::map<std::string, std::string, std::less<>>& settings,
                                const ProbeContext& context);

}  // namespace mplane
