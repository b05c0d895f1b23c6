#pragma once

#include "mplane/component/options.hpp"
#include "mplane/component/status.hpp"
#include "mplane/model/capability.hpp"
#include "mplane/scheduler/journal.hpp"
#include "mplane/scheduler/service.hpp"
#include "mplane/session/url.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// A component of the client-initiated workflow (protocol, section 7): offers services to peers
/// that connect to it, runs their specifications, hands them the results. A resource; thread-safe.
/// It owns its services, a scheduler and a listener, and their threads.
///
///     Component probe({.tls = TlsContext(files), .access = AccessControl(roles, authorizations)});
///     probe.serve(capability, measure);
///     probe.run();
class Component {
 public:
  /// Binds the address, so that `url` is known and peers queue from then on.
  /// @throws Error{Configuration} when it cannot, or when neither `tls` nor `insecure` was given.
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

  /// Goes on with what a process before us had accepted, as its journal tells: after its services
  /// are served, before `start`. @throws Error{Invalid} when it is there already.
  void restore(const JobRecord& record);

  /// Other certificates and keys, for connections made from now on; those that are open stay, but
  /// for peers that are not believed any more: they are refused at their next request.
  /// @throws Error{Configuration} when the component is insecure or there is no certificate.
  void use(TlsContext tls);
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
  /// Whether it still answers peers: all of its event loops come round within that time. Not to be
  /// called from a service; false while it does not serve.
  bool answers_within(std::chrono::milliseconds at_most) const;

  /// Where it listens, with the port that is bound.
  const Url& url() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane
