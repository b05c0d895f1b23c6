#pragma once

#include "mplane/component/module.hpp"
#include "run_component.hpp"

#include <vector>

namespace mplane {

/// What mpcom can measure.
std::vector<Module> list_modules(const ModuleHost& host);

}  // namespace mplane
