#pragma once

#include "mplane/component/module.hpp"
#include "mplane/model/log.hpp"
#include "mplane/probe/engine.hpp"
#include "mplane/probe/target_policy.hpp"

#include <functional>
#include <vector>

namespace mplane {

/// What the modules of a program may use of it.
struct ModuleHost {
  Engine& engine;            ///< where asynchronous services work; outlives the modules
  LogSink log;               ///< the program's
  TargetCheck check_target;  ///< what the operator lets others measure; to be asked for each run
};

/// Lists what a program can measure.
using ListModules = std::function<std::vector<Module>(const ModuleHost& host)>;

/// All that mpcom does: reads the command line and the configuration it names, makes the modules'
/// services, serves them until SIGINT or SIGTERM. @return the exit code. @throws Error.
int run_component(int argc, const char* const* argv, const ListModules& list_modules);

}  // namespace mplane
