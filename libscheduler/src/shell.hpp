#pragma once

#include "catalogue.hpp"
#include "effects.hpp"
#include "mplane/model/log.hpp"
#include "mplane/scheduler/detail/worker_pool.hpp"
#include "occupancy.hpp"
#include "planner.hpp"
#include "scribe.hpp"
#include "timer_thread.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mplane::detail {

/// The threads around the planner: carries out its effects. Shared with runs that have not ended,
/// since those of services that never return outlive the scheduler. Thread-safe.
class Shell final : public std::enable_shared_from_this<Shell> {
 public:
  Shell(const Clock& clock, const SchedulerOptions& options, LogSink log);

  /// Starts the thread that waits. Once, before anything else.
  void open();
  /// Ends all threads but those of workers whose run was lost. Late completions then come to
  /// nothing.
  void close();

  Planner& planner() noexcept { return planner_; }
  Catalogue& catalogue() noexcept { return catalogue_; }

  /// Outside of every lock.
  void perform(Effects&& effects);
  /// Plans a specification that has a token, and says, with a journal, when its acceptance is
  /// durable or why it is taken back. @return what was asked for before, if asking again is the
  /// same; then nothing was done, and nothing is said. @throws what the planner does.
  std::optional<Planner::Asked> submit(const std::string& owner, const Specification& specification,
                                       const MayUse& may_use, const Journal::Durable& then);
  /// Says when all that was decided so far is durable, or why it is not. Only with a journal.
  void commit(Journal::Durable then) { scribe_.commit(std::move(then)); }
  /// The same, but waits for it.
  std::optional<Error> commit();
  bool has_journal() const noexcept { return scribe_.has_journal(); }
  /// What a follower, or who submits, is called by, with a fence around it.
  Follower::Callback fence(Follower::Callback each);
  using Acceptance = std::function<void(std::variant<Receipt, Error>)>;
  Acceptance fence(Acceptance done);
  /// Asks everything to stop and waits until it did, or the time has passed: for all runs, or for
  /// those on workers. @return those given up.
  std::vector<std::string> stop(Duration at_most, bool workers_only);
  /// Waits until the owners of what was stopped have fetched it, or the time has passed.
  void wait_until_fetched(Duration at_most);

 private:
  /// Waits until it is so, or the time has come; looks again at each sign of progress.
  void wait_until(std::chrono::nanoseconds deadline, const std::function<bool()>& it_is_so);
  std::chrono::nanoseconds turn();
  void perform_at_once(Effects& effects);
  void keep_accepted(const std::string& owner, Effects effects,
                     const std::function<void()>& give_back, const Journal::Durable& then);
  void perform_unjournaled(const Effects& effects);
  void perform_journaled(Effects effects, const std::optional<Error>& failure);
  void launch(const std::shared_ptr<Execution>& execution);
  void run(const std::shared_ptr<Execution>& execution) noexcept;
  void call(const Run& service, const std::shared_ptr<Execution>& execution);
  void call(const AsyncRun& service, const std::shared_ptr<Execution>& execution);
  void call(const OwnerRun& service, const std::shared_ptr<Execution>& execution);
  static void look_before(const Execution& execution);
  void finish(const std::shared_ptr<Execution>& execution, Outcome outcome) noexcept;
  void answer(const Effects::Answer& answer) noexcept;
  void complain(std::string_view text, const Exception& failure) noexcept;
  template <typename Call>
  static std::optional<Exception> fenced(const Call& call) noexcept;

  const Clock& clock_;
  const LogSink log_;
  Planner planner_;
  Scribe scribe_;
  Catalogue catalogue_;
  WorkerPool workers_;
  Occupancy occupancy_;
  std::optional<TimerThread> timer_;
  std::atomic<bool> closed_ = false;
  std::atomic<std::size_t> lost_on_workers_ = 0;
  std::atomic<bool> lost_in_call_ = false;

  Mutex mutex_;
  std::vector<Alarm*> stopping_ MPLANE_GUARDED_BY(mutex_);  // of those who wait
};

}  // namespace mplane::detail
