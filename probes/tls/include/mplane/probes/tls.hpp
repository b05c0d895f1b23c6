#pragma once

#include "mplane/model/registry.hpp"
#include "mplane/probes/common/offer.hpp"
#include "mplane/scheduler/service.hpp"

#include <map>
#include <string>
#include <vector>

namespace mplane {

/// The module `tls`: how long a TLS handshake takes beside that of TCP, what was agreed upon, and
/// what the server's certificate says; `tls-handshake-ip4` and `tls-handshake-ip6`. A certificate
/// that is not to be trusted is reported, not refused. Needs no right.
/// @param settings `wait`, how long each of the two handshakes may take; `resolver`, servers to ask
/// instead of the system's; `ca-file`, authorities to believe instead of the system's.
/// @throws Error{Configuration} naming the setting that is wrong, or the registry that is missing.
std::vector<Service> make_tls(const Registry& registry,
                              const std::map<std::string, std::string, std::less<>>& settings,
                              const ProbeContext& context);

}  // namespace mplane
