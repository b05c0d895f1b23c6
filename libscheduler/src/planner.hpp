#pragma once

#include "agenda.hpp"
#include "brief_mutex.hpp"
#include "effects.hpp"
#include "job_table.hpp"
#include "mplane/scheduler/journal.hpp"
#include "mplane/scheduler/lateness.hpp"
#include "mplane/scheduler/options.hpp"
#include "mplane/scheduler/plan.hpp"
#include "settlement.hpp"
#include "shelf.hpp"
#include "wishes.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace mplane::detail {

/// Finds accounts by their owner.
struct OwnerHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view owner) const noexcept {
    return std::hash<std::string_view>()(owner);
  }
};

/// An owner and what he asked for. Guarded by the planner.
struct Account {
  Account(std::string who, std::size_t max_runs)
      : owner(std::move(who)), gate(max_runs, Reason::OwnerLimit) {}

  const std::string owner;
  JobTable jobs;
  std::size_t live = 0;    // planned or running
  std::size_t queued = 0;  // runs before a gate
  Gate gate;
};

/// What did not end when it was asked to.
struct Lost {
  std::vector<std::string> names = {};
  std::size_t on_workers = 0;  ///< that keep a worker busy
  bool in_call = false;        ///< whether the call of an asynchronous service has not returned
};

/// Decides what runs when and keeps the books: all of the scheduler's state that changes, and every
/// rule about it, without threads. Who calls it carries out the effects that it asks for.
/// Thread-safe.
///
///     planned --due--> waiting --admitted--> running --> ended        a start (Execution)
///                 \--> skipped, missed, refused
class Planner {
 public:
  Planner(const Clock& clock, SchedulerOptions options);
  ~Planner();
  Planner(const Planner&) = delete;
  Planner& operator=(const Planner&) = delete;

  /// What an owner asked for before.
  struct Asked {
    Specification specification;
    bool durable;  ///< whether its acceptance is
    std::weak_ptr<const Job> job;
  };
  /// What an owner asked for with that token, if asking again is the same: it has not ended, or
  /// its scope is definite.
  std::optional<Asked> asked(std::string_view owner, std::string_view token) const
      MPLANE_EXCLUDES(mutex_);
  /// Whether that is the job which the owner has under the token: it was not taken back.
  bool has(std::string_view owner, std::string_view token,
           const std::weak_ptr<const Job>& job) const MPLANE_EXCLUDES(mutex_);
  /// Plans it, and starts it if it is due, unless its owner has as many planned or running as he
  /// may. The specification has a token.
  /// @return what was asked for before, if asking again is the same; then nothing changed.
  /// @throws Error{Invalid, TooMany, Unavailable}; then nothing changed but the books.
  std::optional<Asked> submit(const std::string& owner, const Specification& specification,
                              std::shared_ptr<Offer> offer, Effects& effects,
                              std::size_t measurements = kNoLimit) MPLANE_EXCLUDES(mutex_);
  /// @throws Error{Unknown}.
  Snapshot redeem(std::string_view owner, std::string_view token, Effects& effects)
      MPLANE_EXCLUDES(mutex_);
  void interrupt(std::string_view owner, std::string_view token, Effects& effects)
      MPLANE_EXCLUDES(mutex_);
  /// Answers once it has ended, or the time has passed.
  void await(std::string_view owner, std::string_view token, Duration at_most,
             Waiter::Callback done, Effects& effects) MPLANE_EXCLUDES(mutex_);

  /// Tells the outcomes there are and those to come.
  void follow(std::string_view owner, std::string_view token, Follower::Callback each,
              Effects& effects) MPLANE_EXCLUDES(mutex_);
  /// Whether nothing more comes of it, as `redeem` tells.
  bool is_over(std::string_view owner, std::string_view token) const MPLANE_EXCLUDES(mutex_);
  /// Its owner has what there is.
  void hand_over(std::string_view owner, std::string_view token, Effects& effects)
      MPLANE_EXCLUDES(mutex_);

  /// Does one thing that is due, or some that nobody waits for. Whether there was one.
  bool turn(Effects& effects) MPLANE_EXCLUDES(mutex_);
  /// When the next thing is due, on the steady clock. Earlier ones added since ask for a ring.
  std::chrono::nanoseconds deadline() MPLANE_EXCLUDES(mutex_);

  /// A launched run begins. False when it must not any more.
  bool begin(const std::shared_ptr<Execution>& execution, Effects& effects) MPLANE_EXCLUDES(mutex_);
  /// The call of an asynchronous service returned. Whether it dropped the run meanwhile.
  bool launched(const std::shared_ptr<Execution>& execution) MPLANE_EXCLUDES(mutex_);
  /// A run ended. Nothing happens when it had before.
  void finish(const std::shared_ptr<Execution>& execution, Outcome outcome, Effects& effects)
      MPLANE_EXCLUDES(mutex_);

  /// From now on nothing starts; what runs is asked to stop.
  void stop(Effects& effects) MPLANE_EXCLUDES(mutex_);
  /// Runs that have not ended, of services that run on workers or of all.
  std::size_t running(bool synchronous_only) const MPLANE_EXCLUDES(mutex_);
  /// Jobs that `stop` interrupted and whose owners have not fetched what came of it.
  std::size_t unfetched() const MPLANE_EXCLUDES(mutex_);
  /// Gives up what still runs.
  Lost lose(Effects& effects) MPLANE_EXCLUDES(mutex_);

  /// What happened since the last time, for the journal, and the position of the last of it.
  std::pair<std::vector<JournalEntry>, Position> take_entries() MPLANE_EXCLUDES(mutex_);
  bool has_entries() const MPLANE_EXCLUDES(mutex_);
  /// Everything up to there is durable, or was tried in vain: it may be spoken of.
  void reveal(Position position) MPLANE_EXCLUDES(mutex_);
  /// Runs that were let through and are durable now, for the next turns.
  void add_ready(const Few<std::shared_ptr<Execution>>& executions) MPLANE_EXCLUDES(mutex_);
  /// Runs that were let through and could not be made durable.
  void refuse_unkept(const Few<std::shared_ptr<Execution>>& executions, Effects& effects)
      MPLANE_EXCLUDES(mutex_);
  /// Takes back a job that the journal could not keep, and puts back what it had replaced.
  void retract(const std::string& owner, const Effects::Accepted& accepted, Effects& effects)
      MPLANE_EXCLUDES(mutex_);
  /// Why a job of the process before has no offer.
  enum class Gone : std::uint8_t { Withdrawn, Forbidden };
  /// Knows a job of the process before, until `restore`.
  void expect(const JobRecord& record) MPLANE_EXCLUDES(mutex_);
  /// Goes on with a job of the process before. Without an offer it is over.
  void restore(const JobRecord& record, std::shared_ptr<Offer> offer, Gone why, Effects& effects)
      MPLANE_EXCLUDES(mutex_);

  Plan preview(const std::string& owner, const Specification& specification, const Offer& offer,
               std::size_t starts) const MPLANE_EXCLUDES(mutex_);
  std::vector<JobStatus> jobs() const MPLANE_EXCLUDES(mutex_);
  Books books() const MPLANE_EXCLUDES(mutex_);
  /// @throws Error{Unknown}.
  Books books(std::string_view owner, std::string_view token) const MPLANE_EXCLUDES(mutex_);
  Lateness lateness() const MPLANE_EXCLUDES(mutex_);

 private:
  using JobPointer = std::shared_ptr<Job>;
  /// How a job of the process before goes on.
  struct Resumption {
    Specification specification;
    Wishes wishes;
    Schedule schedule;
    bool goes_on = false;
    bool begins_again = false;  ///< with the start that it had begun
  };

  Now now() const { return {clock_.steady(), clock_.now()}; }

  // Jobs (planner.cpp).
  Account* find_account(std::string_view owner) MPLANE_REQUIRES(mutex_);
  const Account* find_account(std::string_view owner) const MPLANE_REQUIRES(mutex_);
  static JobPointer find(const Account* account, std::string_view token);
  JobPointer find(std::string_view owner, std::string_view token) const MPLANE_REQUIRES(mutex_);
  JobPointer known(std::string_view owner, std::string_view token) const MPLANE_REQUIRES(mutex_);
  Duration slip(std::string_view owner, std::string_view token, Duration most) const;
  Account& open_account(const std::string& owner) MPLANE_REQUIRES(mutex_);
  JobPointer add(Account& account, const Specification& specification, std::shared_ptr<Offer> offer,
                 const Schedule& schedule, const Wishes& wishes) MPLANE_REQUIRES(mutex_);
  Asked asked_before(const Job& job) const MPLANE_REQUIRES(mutex_);
  Error waiting_refusal(const Job& job) const MPLANE_REQUIRES(mutex_);
  void check_admission(const std::string& owner, const Account* account, const Offer& offer) const
      MPLANE_REQUIRES(mutex_);
  static void check_credit(const std::string& owner, const Account* account,
                           std::size_t measurements);
  void interrupt(Job& job, Reason waiting, Reason running, Effects& effects)
      MPLANE_REQUIRES(mutex_);
  void stop_runs(Job& job, Reason waiting, Reason running, Effects& effects)
      MPLANE_REQUIRES(mutex_);
  void keep(Job& job, const Settlement& settlement, Effects& effects) MPLANE_REQUIRES(mutex_);
  void end_if_over(Job& job, Effects& effects) MPLANE_REQUIRES(mutex_);
  void answer_waiters(Job& job, Effects& effects) MPLANE_REQUIRES(mutex_);
  bool is_over_for_all(const Job& job) const MPLANE_REQUIRES(mutex_);
  void plan(Timed& timed, Due due, const Now& now, Effects& effects) MPLANE_REQUIRES(mutex_);

  // What has ended (planner_shelf.cpp).
  void redeemed(Job& job, Effects& effects) MPLANE_REQUIRES(mutex_);
  void hand_over(Job& job, Effects& effects) MPLANE_REQUIRES(mutex_);
  void plan_to_forget(Job& job, const Now& now, Duration kept, Effects& effects)
      MPLANE_REQUIRES(mutex_);
  void fetched(const Job& job, Effects& effects) MPLANE_REQUIRES(mutex_);
  void forget(const JobPointer& held, Effects& effects) MPLANE_REQUIRES(mutex_);
  void put_aside(Job& job) MPLANE_REQUIRES(mutex_);
  void put_back(const JobPointer& job, Effects& effects) MPLANE_REQUIRES(mutex_);
  void take_back(const Effects::Accepted& accepted, Effects& effects) MPLANE_REQUIRES(mutex_);
  void make_room(const Job& newest, Effects& effects) MPLANE_REQUIRES(mutex_);

  // The journal (planner_journal.cpp).
  void record(const Job& job, JournalEntry entry) MPLANE_REQUIRES(mutex_);
  JobState recorded_state(const Job& job) const MPLANE_REQUIRES(mutex_);
  void restore_outcomes(Job& job, const JobRecord& record) MPLANE_REQUIRES(mutex_);
  Resumption resumption(const JobRecord& record, const Offer* offer, const Now& at) const;
  JobPointer take_up(const JobRecord& record, std::shared_ptr<Offer> offer, const Resumption& way)
      MPLANE_REQUIRES(mutex_);
  void lose_expected(Job& job, Effects& effects) MPLANE_REQUIRES(mutex_);
  void restore_shelved(Job& job, const JobState& state, const Now& now, Effects& effects)
      MPLANE_REQUIRES(mutex_);
  void end_without_service(Job& job, const JobRecord& record, Gone why, Effects& effects)
      MPLANE_REQUIRES(mutex_);
  void end_forbidden(Job& job, const JobRecord& record, Effects& effects) MPLANE_REQUIRES(mutex_);
  void restore_books(Job& job, const Books& before, Effects& effects) MPLANE_REQUIRES(mutex_);
  void begin_again(Job& job, const Now& now, Effects& effects) MPLANE_REQUIRES(mutex_);
  void keep_anew(Job& job, const Settlement& settlement, Effects& effects) MPLANE_REQUIRES(mutex_);

  // Starts and runs (planner_runs.cpp).
  void on_time(Timed& due, const Now& now, Effects& effects) MPLANE_REQUIRES(mutex_);
  void on_time(Job& job, const Now& now, Effects& effects) MPLANE_REQUIRES(mutex_);
  void on_time(Execution& execution, const Now& now, Effects& effects) MPLANE_REQUIRES(mutex_);
  void on_time(Waiter& waiter, Effects& effects) MPLANE_REQUIRES(mutex_);
  Reason reason_for_missing(const Job& job, const Now& now) const MPLANE_REQUIRES(mutex_);
  void miss(Job& job, const Schedule::Passed& passed, const Now& now, Effects& effects)
      MPLANE_REQUIRES(mutex_);
  void start(Job& job, Instant nominal, Due due, const Now& now, Effects& effects)
      MPLANE_REQUIRES(mutex_);
  Gate* gate(const Execution& execution, std::size_t number) MPLANE_REQUIRES(mutex_);
  bool proceed(Execution& execution) MPLANE_REQUIRES(mutex_);
  void launch(Execution& execution, Effects& effects) MPLANE_REQUIRES(mutex_);
  void leave(Execution& execution, Effects& effects) MPLANE_REQUIRES(mutex_);
  void give_up(Execution& execution, Reason reason, Effects& effects) MPLANE_REQUIRES(mutex_);
  void end(Execution& execution, const Settlement& settlement, Effects& effects)
      MPLANE_REQUIRES(mutex_);
  void request_stop(Execution& execution, Reason reason, Effects& effects) MPLANE_REQUIRES(mutex_);

  const Clock& clock_;
  const SchedulerOptions options_;

  mutable BriefMutex mutex_;
  Agenda agenda_ MPLANE_GUARDED_BY(mutex_);
  std::unordered_map<std::string, Account, OwnerHash, std::equal_to<>> accounts_
      MPLANE_GUARDED_BY(mutex_);
  Gate hall_ MPLANE_GUARDED_BY(mutex_);     // all runs
  Gate workers_ MPLANE_GUARDED_BY(mutex_);  // those of synchronous services
  std::deque<std::shared_ptr<Execution>> ready_ MPLANE_GUARDED_BY(mutex_);  // for the next turns
  Shelf shelf_ MPLANE_GUARDED_BY(mutex_);
  Books books_ MPLANE_GUARDED_BY(mutex_);
  Lateness lateness_ MPLANE_GUARDED_BY(mutex_);
  std::size_t live_ MPLANE_GUARDED_BY(mutex_) = 0;    // jobs planned or running
  std::size_t queued_ MPLANE_GUARDED_BY(mutex_) = 0;  // runs before a gate
  Now looked_ MPLANE_GUARDED_BY(mutex_);              // when `deadline` was asked for last
  std::chrono::nanoseconds armed_ MPLANE_GUARDED_BY(mutex_) = Alarm::kNever;  // what it said
  std::vector<JournalEntry> entries_ MPLANE_GUARDED_BY(mutex_);               // not told yet
  Position recorded_ MPLANE_GUARDED_BY(mutex_) = 0;                           // the newest of them
  Position revealed_ MPLANE_GUARDED_BY(mutex_) = 0;
  std::set<std::pair<std::string, std::string>> expected_
      MPLANE_GUARDED_BY(mutex_);  ///< owners and tokens, also of those that have ended since
  bool restoring_ MPLANE_GUARDED_BY(mutex_) = false;
  bool resuming_ MPLANE_GUARDED_BY(mutex_) = false;  ///< what is started was begun before
  bool stopping_ MPLANE_GUARDED_BY(mutex_) = false;
  std::unordered_set<const Job*> unfetched_ MPLANE_GUARDED_BY(mutex_);  // of those then stopped
};

}  // namespace mplane::detail
