#pragma once

#include "mplane/model/log.hpp"
#include "mplane/model/message.hpp"
#include "mplane/scheduler/books.hpp"
#include "mplane/scheduler/clock.hpp"
#include "mplane/scheduler/journal.hpp"
#include "mplane/scheduler/lateness.hpp"
#include "mplane/scheduler/options.hpp"
#include "mplane/scheduler/plan.hpp"
#include "mplane/scheduler/service.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mplane {

/// Knows services, runs specifications at their time, keeps results until they are fetched.
/// Thread-safe. Stands between the dispatcher, which checks rights, and the services.
class Scheduler {
 public:
  /// The clock outlives the scheduler.
  Scheduler(const Clock& clock, const SchedulerOptions& options, LogSink log);
  /// Stops, unless `stop` was called before: waits `SchedulerOptions::farewell` at most for what
  /// runs on workers, and not for asynchronous runs. What does not end by then is lost; its thread
  /// is let go and touches nothing of ours any more. Not from within a service or a callback.
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  /// Offers a service. @return its capability, with a token.
  Capability offer(Service service);
  /// Takes a service back; its jobs go on. @return the capability that was offered, or nothing.
  std::optional<Capability> withdraw(std::string_view token);
  /// What is offered, in the order of offers.
  std::vector<Capability> capabilities() const;
  /// The capability with that token: offered now, or withdrawn before.
  std::optional<Capability> find_capability(std::string_view token) const;
  bool is_withdrawn(std::string_view token) const;
  /// The capability that would run a specification. @throws Error{Invalid} saying why none does.
  Capability capability_for(const Specification& specification) const;

  /// Where the error is when a specification comes again with another export.
  static constexpr const char* kExport = "export";

  /// Plans a specification, with the token it carries or its default one. The same owner and token
  /// again is a null operation. Runs an `immediate` service before it returns.
  /// Of several services that accept it the one with its label takes it, else one with that and a
  /// number behind it, else the first that is not chosen `by_label`.
  /// @param may_use leaves the choice to the services of these capabilities. All, unless given.
  /// @return the receipt. @throws Error{Invalid} when no service accepts it, saying why, or, at
  /// `label`, when those that do are chosen by another label; {Refused}
  /// when none of those that do may be used, or, at `kExport`, when it was accepted before and has
  /// an export that it had not then; {TooMany} naming the limit; {Unavailable} while stopping, or
  /// when the journal cannot keep it.
  Receipt submit(const Owner& owner, const Specification& specification,
                 const MayUse& may_use = {});
  /// The same for threads that must not wait for the journal. Calls back once, from any thread,
  /// maybe before it returns, with the receipt or with what the other form throws. What the
  /// callback throws is logged.
  using Submission = std::variant<Receipt, Error>;
  void submit(const Owner& owner, const Specification& specification, const MayUse& may_use,
              std::function<void(Submission)> done);
  /// Whether `submit` would take it, its next starts, at most so many, and what is then in their
  /// way: its own run before, exclusive jobs, and others of its service beyond `max_running`. The
  /// limits of runs, of the owner and of workers it does not look at. Changes nothing.
  Plan plan(const Owner& owner, const Specification& specification, std::size_t starts,
            const MayUse& may_use = {}) const;

  /// What there is: a result, an exception, the envelope of results so far of a repeated one, or
  /// the receipt while nothing is there yet. @throws Error{Unknown} naming the token.
  Message redeem(const Owner& owner, std::string_view token);
  /// Asks a job to stop and gives what there is without waiting: a service that ends its run as
  /// soon as it is asked to has its result in it, another one a receipt. @throws Error{Unknown}.
  Message interrupt(const Owner& owner, std::string_view token);
  /// The same, but waits for what runs to end, as `await` does.
  void interrupt(const Owner& owner, std::string_view token, Duration at_most,
                 std::function<void(Message)> done);
  /// Asks a job to stop, and neither waits nor tells anything. @throws Error{Unknown}.
  void call_off(const Owner& owner, std::string_view token);
  /// Calls back once, from any thread: with what `redeem` gives as soon as the job has ended, or
  /// when `at_most` has passed. @throws Error{Unknown}.
  void await(const Owner& owner, std::string_view token, Duration at_most,
             std::function<void(Message)> done);

  /// Calls back with each outcome of a job, a result or an exception: with those there are, then
  /// as they come, one at a time and in order, from any thread; with nothing after the last one.
  /// Does not count as handing them over. @throws Error{Unknown}.
  void follow(const Owner& owner, std::string_view token,
              std::function<void(std::optional<Message>)> each);
  /// Whether a job has ended, so that nothing more comes of it. @throws Error{Unknown}.
  bool is_over(const Owner& owner, std::string_view token) const;
  /// Says that the owner has what an ended job yielded: it is kept for a while only from now on.
  /// `redeem` and `await` say so by themselves, but for jobs with a link or an export: what these
  /// yield is sent there, and only who does so knows when it is safe. @throws Error{Unknown}.
  void hand_over(const Owner& owner, std::string_view token);

  /// Knows a job that a process before us had accepted, and whose service is not offered yet: it
  /// can be redeemed, for what it yielded so far or a receipt, interrupted, and asked for again.
  /// `restore` goes on with it.
  /// @throws Error{Invalid} when the owner has a job with its token.
  void expect(const JobRecord& record);
  /// Goes on with a job that a process before us had accepted, once its services are offered. What
  /// ran is lost, unless its service resumes; starts that have passed were missed. If no service
  /// takes it any more, or its owner may not use that one any more, it is over, and says so; the
  /// latter is told to the log, too. One that was expected, and has ended since, stays as it is.
  /// @throws Error{Invalid} when the owner has a job with its token.
  void restore(const JobRecord& record, const MayUse& may_use = {});

  /// Refuses new work, interrupts what runs, waits until it ended or the time has passed. What
  /// still runs then is lost, and answered so. Results can be redeemed after it, too. Idempotent;
  /// not from within a service or a callback.
  /// @return the jobs that were lost, for the log: "label token of owner".
  std::vector<std::string> stop(Duration at_most);
  /// After it: waits until the owners of what it interrupted have redeemed that, or the time has
  /// passed.
  void wait_until_fetched(Duration at_most);

  /// The account of all starts since construction.
  Books books() const;
  /// The account of one specification's starts. @throws Error{Unknown}.
  Books books(const Owner& owner, std::string_view token) const;
  /// All jobs that are known, in order of their owners.
  std::vector<JobStatus> jobs() const;
  /// How late the starts were.
  Lateness lateness() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane
