#pragma once

#include "mplane/model/log.hpp"
#include "mplane/model/registry.hpp"
#include "mplane/probe/target_policy.hpp"
#include "mplane/probes/exec/request.hpp"
#include "mplane/probes/exec/result.hpp"
#include "mplane/probes/exec/run.hpp"
#include "mplane/probes/exec/settings.hpp"
#include "mplane/scheduler/service.hpp"

namespace mplane {

/// The module `exec`: a program becomes a service. Its parameters become arguments, what it prints
/// becomes rows, what its exit codes mean becomes exceptions. Interrupted, it is stopped, and the
/// result has what it had printed by then. The runner outlives the service.
/// @param check_target asked, for each run, for every parameter that is an address and not the
/// `source.…` of packets.
/// @throws Error{Configuration} whose `where` is the setting that is wrong, or "parameters/…" and
/// "results/…" with the element.
Service make_exec(const Registry& registry, const ExecSettings& settings, ProgramRunner& runner,
                  const LogSink& log = {}, const TargetCheck& check_target = {});

}  // namespace mplane
