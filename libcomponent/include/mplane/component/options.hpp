#pragma once

#include "mplane/component/credits.hpp"
#include "mplane/component/export_rules.hpp"
#include "mplane/component/supervisor_options.hpp"
#include "mplane/model/log.hpp"
#include "mplane/model/registry.hpp"
#include "mplane/model/time.hpp"
#include "mplane/scheduler/clock.hpp"
#include "mplane/scheduler/scheduler.hpp"
#include "mplane/session/access.hpp"
#include "mplane/session/identity.hpp"
#include "mplane/session/listener.hpp"
#include "mplane/session/tls.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

class Spool;

/// How a component talks with a peer (protocol, section 7).
struct SessionOptions {
  /// How long a specification is waited for before it is answered with a receipt.
  Duration immediate = std::chrono::seconds(5);
  /// Answer exceptions with status 200, whatever their kind: clients of the old SDK drop the body
  /// of everything else.
  bool exceptions_as_200 = false;
};

/// Other session options for the peers whose identity matches a pattern: the identity as access
/// control sees it, where `*` stands for any text.
struct PeerSession {
  std::string identity;
  SessionOptions session;
};

/// What a component is made of. An aggregate; what has no default has to be given.
struct ComponentOptions {
  Registry registry = Registry::core();  ///< messages may name it and every registry it knows
  /// Address and port; port 0 is any free one. Empty: only supervisors reach it.
  std::string listen = "127.0.0.1:8890";
  std::vector<SupervisorOptions> supervisors = {};  ///< each on a scheme, host and port of its own
  CallingOptions calling = {};                      ///< how they are called
  ExportRules exports = {};                         ///< where peers may have results sent to
  /// What waits for supervisors and others; outlives the component. In memory unless given.
  Spool* spool = nullptr;
  std::optional<TlsContext> tls = {};     ///< our certificate; required unless `insecure`
  bool insecure = false;                  ///< plain HTTP; warned of in the log
  AccessControl access = {};              ///< who may use what; nobody anything unless given
  CreditOptions credits = {};             ///< how much of it; no limit unless given
  ListenerLimits limits = {};             ///< on what peers send; `drain` is the component's own
  double redemptions_per_second = 1'000;  ///< of one identity, on average
  double plans_per_second = 10;           ///< that it has foreseen, the same
  unsigned threads = 1;                   ///< event loops of the listener
  /// One peer may not take all that there is; limits that are given replace these.
  SchedulerOptions scheduler = {.limits = {.jobs_per_owner = 100'000, .runs_per_owner = 10'000}};
  SessionOptions session = {};
  std::vector<PeerSession> peers = {};  ///< the first that matches counts, else `session`
  LogSink log = {};
  const Clock* clock = nullptr;  ///< outlives the component; the system's unless given
};

/// Whether a whole text matches a pattern in which `*` stands for any text, also none.
bool matches(std::string_view pattern, std::string_view text) noexcept;

}  // namespace mplane
