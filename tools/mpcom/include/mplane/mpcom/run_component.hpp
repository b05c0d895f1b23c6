#pragma once

#include "mplane/model/log.hpp"
#include "mplane/mpcom/module.hpp"
#include "mplane/probe/engine.hpp"
#include "mplane/probe/target_policy.hpp"
#include "mplane/probes/exec/run.hpp"

#include <functional>
#include <vector>

namespace mplane {

/// What the modules of a program may use of it. What is a reference outlives them.
struct ModuleHost {
  Engine& engine;            ///< where asynchronous services work
  ProgramRunner& programs;   ///< where other programs are run
  LogSink log;               ///< the program's
  TargetCheck check_target;  ///< what the operator lets others measure; to be asked for each run
};

/// Lists what a program can measure.
using ListModules = std::function<std::vector<Module>(const ModuleHost& host)>;

/// All that mpcom does: reads the command line and the configuration it names, makes the modules'
/// services, serves them until SIGINT or SIGTERM. What is wrong is said on standard error.
/// @return the exit code, for `main` to return.
int run_component(int argc, const char* const* argv, const ListModules& list_modules) noexcept;

/// The same with these modules and no others, which need nothing of the program.
int run_component(int argc, const char* const* argv, const std::vector<Module>& modules) noexcept;

}  // namespace mplane
