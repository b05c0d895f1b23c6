#pragma once

#include "mplane/mpcom/run_component.hpp"

#include <vector>

namespace mplane {

/// What mpcom can do: collect results, run programs, and measure (doc/probes.md).
std::vector<Module> builtin_modules(const ModuleHost& host);

}  // namespace mplane
