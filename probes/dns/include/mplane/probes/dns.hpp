#pragma once

#include "mplane/model/registry.hpp"
#include "mplane/probes/common/offer.hpp"
#include "mplane/probes/dns/message.hpp"
#include "mplane/scheduler/service.hpp"

#include <map>
#include <string>
#include <vector>

namespace mplane {

/// The module `dns`: how long a server takes to answer a question, by UDP or TCP, and what it
/// answers. `dns-query-ip4` asks the server that is given, `dns-system-ip4` the first one of that
/// family that this host is set up to ask; both also with ip6. One query a run: it is not repeated,
/// nothing is cached, and a truncated answer is not asked for again.
/// @param settings `wait`, how long an answer is waited for; `resolv-conf`, the file that lists the
/// host's servers.
/// @throws Error{Configuration} naming the setting that is wrong, or the registry that is missing.
std::vector<Service> make_dns(const Registry& registry,
                              const std::map<std::string, std::string, std::less<>>& settings,
                              const ProbeContext& context);

}  // namespace mplane
