#pragma once

#include "mplane/component/module.hpp"
#include "mplane/model/log.hpp"
#include "mplane/probe/engine.hpp"

#include <functional>
#include <vector>

namespace mplane {

/// Lists what a program can measure. The engine, on which asynchronous services work, outlives the
/// modules.
using ListModules = std::function<std::vector<Module>(Engine& engine, const LogSink& log)>;

/// All that mpcom does: reads the command line and the configuration it names, makes the modules'
/// services, serves them until SIGINT or SIGTERM. @return the exit code. @throws Error.
int run_component(int argc, const char* const* argv, const ListModules& list_modules);

}  // namespace mplane
