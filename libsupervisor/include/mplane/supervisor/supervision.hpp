#pragma once

#include "mplane/client/client_listener.hpp"
#include "mplane/component/component.hpp"
#include "mplane/model/log.hpp"
#include "mplane/model/result.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/scheduler/journal.hpp"
#include "mplane/session/tls.hpp"
#include "mplane/session/url.hpp"
#include "mplane/supervisor/composition.hpp"

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

class ResultStore;

/// What makes a component a supervisor.
struct SupervisionOptions {
  /// Towards the components below; its `watch` is the supervision's own.
  ClientListenerOptions below = {};
  /// Labels below that are offered above one by one; `*` for any text.
  std::vector<std::string> relay = {};
  /// What they are called above. What is no letter of a label becomes `_`. A label that would not
  /// say for certain whose it is has an MD5 of both names behind it, so that no two are the same.
  std::string relay_label = "{label}@{component}";
  std::vector<Composition> compositions = {};
  /// How long after the end of a scope, or after an interrupt, components are waited for.
  Duration patience = std::chrono::seconds(15);
  /// A question for a single time ("now"), which no scope ends, is stopped after so long.
  Duration longest = std::chrono::minutes(10);
  /// Whether components are told who asked the supervisor, by the metadata `kAsker` of what they
  /// are asked, if their registry has that element. A client cannot say it in another's name.
  bool tell_asker = false;
  static constexpr const char* kAsker = "supervision.asker";
  /// Secret that the tokens of questions are made of. With the same one and a journal another
  /// process takes up what was under way when this one died: it asks again under the same tokens,
  /// so that components measure nothing twice. Another each time unless given.
  std::string token_key = {};
  /// Keeps results and exceptions of components, before these are told that they arrived; outlives
  /// the supervision. Without it they are only passed on.
  ResultStore* results = nullptr;
};

/// Offers on a component what other components below it offer: each for itself (a relay), or
/// several as one (a composition). A resource; thread-safe. It owns a ClientListener.
///
/// To the component above these are services like others, so that rights, receipts, books, limits
/// and journal are the component's. Its scheduler says when a measurement starts; the components
/// below are asked for each run when it does, under a token of our own, which no client learns.
///
///     Component above({…});
///     Supervision supervision(above, {.below = {…}, .relay = {"*"}});
///     supervision.start();
///     above.run();
///     supervision.stop();
class Supervision {
 public:
  /// Binds the address for components. `above` is stopped before it is, and is there until then.
  /// @throws Error{Configuration} as ClientListener; {Invalid} for a composition whose elements the
  /// registry does not have, naming it, or when it does not have `kAsker` and that is to be told.
  Supervision(Component& above, SupervisionOptions options);
  /// Stops.
  ~Supervision();
  Supervision(const Supervision&) = delete;
  Supervision& operator=(const Supervision&) = delete;

  /// Goes on with what a process before us had accepted for a capability below, as soon as that is
  /// registered again. Before `start`.
  void restore(const JobRecord& record);
  /// Lets components in; returns at once.
  void start();
  /// Lets nobody in any more, for good. Idempotent.
  void stop();

  /// Asks all components that offer a capability with that label (`*` for any text) for what a
  /// specification asks, and waits until they have answered or `stop` was requested. For services
  /// written by hand. @return their results; who has none is told to the log.
  /// @throws Error{Unavailable} when nobody offers it; {Failed} when nobody has a result.
  std::vector<Result> ask_all(std::string_view label, const Specification& specification,
                              const std::stop_token& stop = {});

  /// What is offered below.
  std::vector<Registration> registrations() const;
  /// Who is below, as ClientListener.
  std::vector<ComponentView> components() const;
  ComponentCounts counts() const;
  /// Certificates for connections that components make from now on.
  void use(TlsContext tls);
  /// Where components register.
  const Url& url() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane
