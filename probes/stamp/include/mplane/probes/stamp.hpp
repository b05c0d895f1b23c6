#pragma once

#include "mplane/model/registry.hpp"
#include "mplane/probes/common/offer.hpp"
#include "mplane/scheduler/service.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace mplane {

/// The module `stamp`: delay and loss of each direction by STAMP (RFC 8762), for IPv4 and IPv6, as
/// far as this host has them:
///
///     stamp-train-ip4      a train to a reflector: counts, losses and delays by direction, one row
///     stamp-packets-ip4    the same, a row for each packet
///     stamp-reflector-ip4  replies to others' packets for its scope; a row for each of them
///
/// The last one is offered only where its port can be had. The engine need not run yet.
/// @param settings see StampSettings; the key of authenticated packets is there and nowhere else.
/// @throws Error{Configuration} naming the setting that is wrong, or the registry that is missing.
std::vector<Service> make_stamp(const Registry& registry,
                                const std::map<std::string, std::string, std::less<>>& settings,
                                const ProbeContext& context);

}  // namespace mplane
