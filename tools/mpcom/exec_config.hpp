#pragma once

#include "mplane/mpcom/run_component.hpp"
#include "mplane/tools/config_section.hpp"

#include <vector>

namespace mplane {

/// The service of one entry `exec`; its settings are in doc/configuration.md. Mistakes are noted
/// where they are; with one, there is no service.
std::vector<Service> read_exec(const Registry& registry, ConfigSection& section,
                               const ModuleHost& host);

}  // namespace mplane
