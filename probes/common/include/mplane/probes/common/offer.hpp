#pragma once

#include "mplane/model/capability.hpp"
#include "mplane/model/log.hpp"
#include "mplane/model/registry.hpp"
#include "mplane/probe/engine.hpp"
#include "mplane/probe/icmp_packet.hpp"
#include "mplane/probe/target_policy.hpp"
#include "mplane/probes/common/run_host.hpp"
#include "mplane/scheduler/service.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mplane {

/// What a program gives each of its probes. What is a reference outlives the services.
struct ProbeContext {
  Engine& engine;
  LogSink log = {};
  TargetCheck check_target = {};
};

/// A capability, in short.
struct ProbeOffer {
  std::string label;
  std::vector<std::pair<std::string, std::string>> parameters;  ///< element and constraint
  std::vector<std::string> results;
  std::string when = "now ... future";
};

/// @throws Error{Invalid, Malformed} naming the element that is wrong.
Capability make_capability(const Registry& registry, const ProbeOffer& offer);

/// A service that runs on the engine, and tells how late it started.
/// @param longest how long a run takes at most: where a scope ends before, it is not cut off.
Service make_service(Capability capability, std::shared_ptr<RunHost> host, RunHost::Prepare prepare,
                     Duration longest);

/// "ip4" or "ip6".
std::string_view tail_of(IpFamily family) noexcept;

/// The families that this host has sockets for; what it lacks is logged.
std::vector<IpFamily> families_here(std::string_view module, const LogSink& log);

}  // namespace mplane
