#pragma once

#include "mplane/model/registry.hpp"
#include "mplane/probes/common/offer.hpp"
#include "mplane/scheduler/service.hpp"

#include <map>
#include <string>
#include <vector>

namespace mplane {

/// The module `tcp`: how long it takes to connect, and how it ends otherwise; `tcp-connect-ip4` and
/// `tcp-connect-ip6`. Natively and asynchronously; needs no right.
/// @param settings `wait`, how long an answer is waited for; `resolver`, servers to ask instead of
/// the system's.
/// @throws Error{Configuration} naming the setting that is wrong, or the registry that is missing.
std::vector<Service> make_tcp(const Registry& registry,
                              const std::map<std::string, std::string, std::less<>>& settings,
                              const ProbeContext& context);

}  // namespace mplane
