#pragma once

#include "mplane/model/registry.hpp"
#include "mplane/probes/common/offer.hpp"
#include "mplane/scheduler/service.hpp"

#include <map>
#include <string>
#include <vector>

namespace mplane {

/// The module `http`: how long a request takes, phase by phase (name, TCP, TLS, first byte, all),
/// and what came of it, by HTTP/1.1 or 2; `http-get-ip4` and `http-get-ip6`. Each request has a
/// connection of its own; redirects are followed one by one, each to an address that may be
/// measured. Needs no right.
/// @param settings `wait`, how long all of it may take; `resolver`, servers to ask instead of the
/// system's; `ca-file`, authorities to believe instead of the system's; `max-octets` of a body;
/// `max-redirects`.
/// @throws Error{Configuration} naming the setting that is wrong, or the registry that is missing.
std::vector<Service> make_http(const Registry& registry,
                               const std::map<std::string, std::string, std::less<>>& settings,
                               const ProbeContext& context);

}  // namespace mplane
