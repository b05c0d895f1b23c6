#pragma once

#include "mplane/mpcom/run_component.hpp"

#include <vector>

namespace mplane {

/// What mpcom can measure: exec, loopback, ping.
std::vector<Module> builtin_modules(const ModuleHost& host);

}  // namespace mplane
