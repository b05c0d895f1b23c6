#pragma once

#include "mplane/component/options.hpp"
#include "mplane/component/status.hpp"
#include "mplane/model/capability.hpp"
#include "mplane/model/error.hpp"
#include "mplane/model/result.hpp"
#include "mplane/scheduler/journal.hpp"
#include "mplane/scheduler/plan.hpp"
#include "mplane/scheduler/service.hpp"
#include "mplane/session/identity.hpp"
#include "mplane/session/url.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// A component: offers services to peers that connect to it (protocol, section 7), to supervisors
/// that it connects to (section 8), or to both; runs their specifications, hands them the results.
/// A resource; thread-safe. It owns its services, a scheduler and a listener, and their threads;
/// for each supervisor two threads that talk with it, and one for each peer it exports results to.
///
///     Component probe({.tls = TlsContext(files), .access = AccessControl(roles, authorizations)});
///     probe.serve(capability, measure);
///     probe.run();
class Component {
 public:
  /// Binds the address, so that `url` is known and peers queue from then on.
  /// @throws Error{Configuration} when it cannot, when neither `tls` nor `insecure` was given, or
  /// when supervisors or exports need TLS and there is none.
  explicit Component(const ComponentOptions& options);
  /// Stops; waits for services that ignore their interrupt.
  ~Component();
  Component(const Component&) = delete;
  Component& operator=(const Component&) = delete;

  /// Offers a service, also while running. @return its capability, with a token.
  /// @throws Error{Invalid} for a label that is none: `[A-Za-z0-9._@-]{1,128}`.
  Capability serve(Service service);
  /// The same for a capability and a function that runs on a worker.
  Capability serve(Capability capability, Run run);
  /// The same for one that starts work elsewhere.
  Capability serve(Capability capability, AsyncRun run);
  /// Takes a service back; what runs goes on. @return the capability, or nothing if unknown.
  std::optional<Capability> withdraw(std::string_view token);

  /// Takes results that others post to the capability's link (protocol, section 10), its own one
  /// below `url` unless it has one: those with its parameters, within their constraints, and its
  /// result columns, from peers that may use it, each once. Called on the listener's threads, so it
  /// must not block; if it throws, the peer is told and will send again.
  /// @return the capability, with token and link. @throws as `serve`; Error{Configuration} when
  /// something else is posted to at the path of its link.
  using Collect = std::function<void(const Identity& from, const Result& result)>;
  Capability collect(const Capability& capability, Collect collect);
  /// How a result was taken, or why it was not: then the peer is told, and will send again. Once,
  /// from any thread, also when the component is gone; never called, it was not taken.
  using Collected = std::function<void(std::optional<Error>)>;
  /// The same for one that takes its time: the peer is answered once all is taken that it posted.
  /// The result is there until this returns; what it throws is as if it had said that.
  using AsyncCollect =
      std::function<void(const Identity& from, const Result& result, Collected done)>;
  Capability collect(const Capability& capability, AsyncCollect collect);

  /// Knows what a process before us had accepted for a service that is not served yet, as
  /// `Scheduler::expect`; `restore` goes on with it once it is.
  void expect(const JobRecord& record);
  /// Goes on with what a process before us had accepted, as its journal tells: after its services
  /// are served, before `start`. @throws Error{Invalid} when it is there already.
  void restore(const JobRecord& record);

  /// Other certificates and keys, for connections made from now on; those that are open stay, but
  /// for peers that are not believed any more: they are refused at their next request.
  /// @throws Error{Configuration} when the component is insecure or there is no certificate.
  void use(const TlsContext& tls);
  /// Other rights, from the next message on; what was planned without right to it is stopped.
  void use(AccessControl access);

  /// Begins to answer; returns at once. Does nothing when it does already, or was stopped: a stop
  /// that comes first is not lost.
  void start();

  /// Starts, and returns once it is stopped: by `stop` from another thread, SIGINT or SIGTERM.
  /// These two are blocked in this thread meanwhile; the program's other threads must block them,
  /// as those of this library do, or not have been started yet.
  /// @return as `stop`.
  std::vector<std::string> run();

  /// Ends within five seconds, for good: new work is refused from here on, running measurements
  /// are interrupted, and who asked for them has two seconds to fetch what they yield; after four
  /// it ends anyway. Idempotent; whoever comes second waits, too. Not to be called from a service.
  /// @return the measurements that ignored their interrupt.
  std::vector<std::string> stop();

  /// How it fares, for metrics.
  ComponentStatus status() const;
  /// The specifications that it knows, as Scheduler::jobs.
  std::vector<JobStatus> jobs() const;
  /// Whether it still answers those who connect: all event loops of its listener come round within
  /// that time. False before `start` and after `stop`; true of one that does not listen, since
  /// nobody connects. Not to be called from a service.
  bool answers_within(std::chrono::milliseconds at_most) const;

  /// Where it listens, with the port that is bound; nothing when it does not.
  const std::optional<Url>& listens() const noexcept;
  /// The same of one that does. @throws Error{Unavailable} of one that does not.
  const Url& url() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane
