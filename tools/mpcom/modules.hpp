#pragma once

#include "mplane/component/module.hpp"
#include "mplane/model/log.hpp"
#include "mplane/probe/engine.hpp"

#include <vector>

namespace mplane {

/// What mpcom can measure.
std::vector<Module> list_modules(Engine& engine, const LogSink& log);

}  // namespace mplane
