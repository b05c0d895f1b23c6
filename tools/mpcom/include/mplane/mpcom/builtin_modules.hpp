#pragma once

#include "mplane/mpcom/run_component.hpp"

#include <vector>

namespace mplane {

/// What mpcom can do: collect results, and measure by exec, loopback and ping.
std::vector<Module> builtin_modules(const ModuleHost& host);

}  // namespace mplane
