#pragma once

#include "mplane/model/registry.hpp"
#include "mplane/probes/common/offer.hpp"
#include "mplane/probes/system/readings.hpp"
#include "mplane/scheduler/service.hpp"

#include <map>
#include <string>
#include <vector>

namespace mplane {

/// The module `system`: processors, memory, network interfaces and clock of the host itself, as the
/// kernel counts them: `system-cpu`, `system-memory`, `system-interface`, `system-clock`. A row at
/// the end of each period of the scope. Needs no right, and has no settings.
/// @throws Error{Configuration} for a setting, or the registry that is missing.
std::vector<Service> make_system(const Registry& registry,
                                 const std::map<std::string, std::string, std::less<>>& settings,
                                 const ProbeContext& context);

}  // namespace mplane
