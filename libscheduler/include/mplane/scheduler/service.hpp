#pragma once

#include "mplane/model/capability.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/message.hpp"
#include "mplane/model/result.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/scheduler/policy.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>

namespace mplane {

/// Who asked: the text of a peer's identity. Tokens are scoped to it, so that one peer can neither
/// see nor touch another's measurements (protocol, section 6).
using Owner = std::string;

/// A run that nobody will end any more: its completion was destroyed uncalled.
struct Abandoned {};

/// How one run ended: with what it measured, or with why not.
using Outcome = std::variant<Result, Exception, Abandoned>;

/// A measurement as a plain function. Called on a worker thread, several calls at once for several
/// specifications. The specification was accepted by the service's capability: its values are
/// there and within their constraints; one run of a repeated specification gets the definite scope
/// of that run. The stop token is stopped when somebody interrupts, and `ServicePolicy::grace`
/// after the scope has ended; look at it at least once a second, or wait on it, and return what
/// there is: a result of a run that was interrupted is marked as cut short. A service that ignores
/// the stop for ten seconds is named in the log and keeps its place. What it throws becomes
/// an exception message with the error's words. A result without `measured` gets the time of the
/// run as its scope.
using Run = std::function<Result(const Specification&, std::stop_token)>;

/// What tells a run from any other, also when another process begins it again.
struct RunName {
  std::string text = {};  ///< empty of a run without a name
  Instant start = {};     ///< of the run
};

/// The one call that ends an asynchronous run. Move-only. Thread-safe in that any one thread may
/// call it; called twice, the second call is ignored. Destroyed uncalled, the run ends with the
/// exception "abandoned".
class Completion {
 public:
  using Deliver = std::function<void(Outcome)>;
  explicit Completion(Deliver deliver, RunName run = {});
  ~Completion();
  Completion(Completion&&) noexcept;
  Completion& operator=(Completion&&) noexcept;
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;

  /// Without a name unless `ServicePolicy::resumes`.
  const RunName& run() const noexcept { return run_; }

  /// Ends the run with a result.
  void operator()(Result result);
  /// Ends the run with an exception.
  void fail(const Error& error);

 private:
  void deliver(Outcome outcome) noexcept;
  Deliver deliver_;  // empty once called
  RunName run_;
};

/// A measurement that starts work elsewhere (the probe engine) and returns at once, so that ten
/// thousand in flight need no ten thousand threads. Called on the thread that submits or on the one
/// that waits for the time of starts: while it runs nothing else starts, so it must not block. What
/// it throws before it returns is as if it had failed the completion.
using AsyncRun = std::function<void(const Specification&, std::stop_token, Completion)>;

/// The same of one that has to know who asked.
using OwnerRun =
    std::function<void(const Owner&, const Specification&, std::stop_token, Completion)>;

/// How many packets a run of a specification sends.
using Packets = std::function<std::optional<std::uint64_t>(const Owner&, const Specification& run)>;

/// That an owner may have a specification planned. A value.
struct Admission {
  std::size_t measurements = kNoLimit;   ///< if fewer of his are planned or running
  std::function<void()> give_back = {};  ///< called when it comes to nothing; must not throw
};

/// A capability and what runs when a specification for it comes: what a module offers.
struct Service {
  Capability capability;
  std::variant<Run, AsyncRun, OwnerRun> run;
  /// Returns within 100 µs and never blocks: it may run on the thread that brings the message.
  bool immediate = false;
  ServicePolicy policy = {};
  /// Takes no specification with another's label: for those whose label says who is to measure,
  /// since others accept the same. One without a label says nothing and is taken.
  bool by_label = false;
  /// Looks at a specification once more before it is planned, on the thread that submits: what it
  /// throws is why it is refused. Not asked about one that is known already.
  std::function<void(const Owner&, const Specification&)> check = {};
  /// Takes what a specification costs its owner, after `check` and as that. What he may have
  /// planned or running is looked at when it is planned, all at once.
  std::function<Admission(const Owner&, const Specification&)> admit = {};
  /// Called before each run, on the thread that would call it: what it throws is the run's failure.
  std::function<void(const Owner&, const Specification& run)> before = {};
  /// How many packets a run sends at most, for who limits them; nothing when there is no end of it.
  /// Unless given, its scope and parameters say.
  Packets packets = {};
};

/// Says of a capability whether somebody may use it. Never called under a lock.
using MayUse = std::function<bool(const Capability&)>;

}  // namespace mplane
