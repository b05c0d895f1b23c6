#pragma once

#include "mplane/component/detail/refusal_counts.hpp"
#include "mplane/model/capability_index.hpp"
#include "mplane/model/detail/mutex.hpp"
#include "mplane/model/log.hpp"
#include "mplane/model/message.hpp"
#include "mplane/scheduler/clock.hpp"
#include "mplane/scheduler/journal.hpp"
#include "mplane/scheduler/scheduler.hpp"
#include "mplane/session/access.hpp"
#include "mplane/session/detail/complaints.hpp"
#include "mplane/session/identity.hpp"

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

class Exports;

namespace detail {
class Credits;
}

/// What a component answers to one message.
struct Reply {
  Message message;
  /// Why the message was refused; nothing when `message` is what was asked for. (The exception
  /// that a measurement ended with is what was asked for.)
  std::optional<ErrorKind> refusal = {};
};

/// Answers messages: who sent it and what it says in, what to say back out. Rights are checked
/// here, once; tokens are scoped to the peer. Thread-safe.
///
/// In the flow: behind decoding, before the scheduler; free of HTTP, so that both workflows and
/// tests use the same.
///
///     specification  -> receipt, or what there is already; withdrawal of a capability taken back;
///                       with an export always a receipt, since its results go elsewhere
///     redemption     -> result, envelope of results so far, exception of a failure, or receipt
///     interrupt      -> the same, after the job was stopped
///     anything else  -> exception
class Dispatcher {
 public:
  /// Called once, from any thread; must not throw.
  using Done = std::function<void(Reply)>;

  /// The scheduler, the clock, the exports and the credits outlive the dispatcher.
  /// @param exports null: who wants results exported is refused.
  /// @param credits null: nobody's are limited.
  Dispatcher(Scheduler& scheduler, const Clock& clock, AccessControl access, LogSink log,
             Exports* exports = nullptr, detail::Credits* credits = nullptr);

  /// Answers at once, but for the scheduler's journal, if it has one: a receipt is not given before
  /// it is durable. Does not throw: what is wrong becomes an exception that carries the message's
  /// token.
  Reply dispatch(const Identity& peer, const Message& message);

  /// The same, but the answer to a specification or an interrupt is held back until its result is
  /// there, for at most `immediate`; no thread waits meanwhile, not for the journal either.
  void dispatch(const Identity& peer, const Message& message, Duration immediate, Done done);

  /// What would become of a specification, and changes nothing: an envelope with a message for each
  /// of its next starts, at most 100, with the token of that run. It is a receipt, or the exception
  /// that says what is in the way. Does not throw.
  Reply plan(const Identity& peer, const Message& message) const;

  /// What the peer may use, in the order of offers.
  std::vector<Capability> capabilities(const Identity& peer) const;
  /// The capability with that token, or its withdrawal. @throws Error{Unknown}, also for one that
  /// the peer may not use: it is not to learn that it is there.
  Message capability(const Identity& peer, std::string_view token) const;

  /// Offers a service. @return its capability, with a token. @throws Error{Invalid} for a label
  /// that is none: `[A-Za-z0-9._@-]{1,128}`.
  Capability offer(Service service);
  /// Takes a service back: from now on its specifications are answered by its withdrawal.
  /// @return the capability, or nothing if no such was offered.
  std::optional<Capability> withdraw(std::string_view token);
  /// The messages refused so far.
  const detail::RefusalCounts& refusals() const noexcept { return refusals_; }

  /// Other rights from now on. What a peer has planned and may not use any more is stopped, and the
  /// log says so.
  void use(AccessControl access);

  /// Knows what was accepted before, as `Scheduler::expect`.
  void expect(const JobRecord& record);
  /// Goes on with what was accepted before, as `Scheduler::restore`, where its owner may still use
  /// it.
  void restore(const JobRecord& record);

 private:
  template <typename Answer>
  Reply fenced(const Identity& peer, const Message& message, const Answer& answer) const;
  void interrupt(const Identity& peer, const Interrupt& wish, Duration immediate, const Done& done);
  void submit(const Identity& peer, const Specification& specification, Duration immediate,
              Done done);
  void check_export(const Specification& specification) const;
  void hold(const Identity& peer, Reply reply, Duration immediate, const Done& done);
  Reply redeem(const Identity& peer, const Message& message);
  Reply planned(const Identity& peer, const Specification& specification,
                const Scheduler::Submission& submission);
  bool is_unfinished(const Identity& peer, const Message& outcome) const;
  MayUse may_use(const Identity& peer) const;
  Reply known_or_withdrawn(const Identity& peer, const Specification& specification,
                           const Error& error);
  Error objection(const Identity& peer, const Specification& specification,
                  const Error& error) const;
  void stop_forbidden();
  bool allows(const Identity& peer, const Capability& capability) const;
  AccessControl access() const;
  std::optional<Message> find_job(const Identity& peer, const std::string& token);
  std::optional<Capability> withdrawn_for(const Identity& peer,
                                          const Specification& specification) const;
  Reply refusal(const Identity& peer, const Message& message, const Error& error) const;

  Scheduler& scheduler_;
  const Clock& clock_;
  const LogSink log_;
  Exports* const exports_;
  detail::Credits* const credits_;
  mutable detail::Complaints complaints_;
  mutable detail::RefusalCounts refusals_;

  mutable detail::Mutex mutex_;
  AccessControl access_ MPLANE_GUARDED_BY(mutex_);
  std::atomic<unsigned> changes_of_rights_{0};
  CapabilityIndex withdrawn_ MPLANE_GUARDED_BY(mutex_);
};

}  // namespace mplane
