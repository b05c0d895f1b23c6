#include "planner.hpp"

#include "mplane/model/quoted.hpp"

#include <algorithm>

namespace mplane::detail {
namespace {

constexpr int kForgottenAtOnce = 16;

[[noreturn]] void refuse(std::string_view limit, std::size_t value, std::string_view of) {
  throw Error(ErrorKind::TooMany, "limits/" + std::string(limit),
              std::to_string(value) + " jobs" + std::string(of) +
                  " are planned or running, and no more are taken");
}

/// FNV-1a: the same on every machine and in every run, so that a slip never changes.
std::uint64_t spread(std::string_view name, std::string_view owner, std::string_view token) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const std::string_view text : {name, owner, token}) {
    for (const char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
    hash = (hash ^ 0xffU) * 0x100000001b3U;
  }
  return hash ^ (hash >> 32U);
}

Duration slip_of(std::string_view name, std::string_view owner, std::string_view token,
                 Duration most) {
  if (most <= Duration(0)) return Duration(0);
  const auto range = static_cast<std::uint64_t>(most.count());
  return Duration(static_cast<std::int64_t>(spread(name, owner, token) % range));
}

}  // namespace

Planner::Planner(const Clock& clock, SchedulerOptions options)
    : clock_(clock),
      options_(std::move(options)),
      hall_(options_.limits.runs, Reason::RunLimit),
      workers_(std::max<std::size_t>(options_.workers, 1), Reason::WorkerLimit) {}

// Runs that never ended are held by their jobs and hold them.
Planner::~Planner() {
  const BriefLock lock(mutex_);
  for (auto& [owner, account] : accounts_) {
    for (const JobPointer& job : account.jobs) {
      if (job->has_course()) job->course().executions.clear();
    }
  }
}

std::optional<Planner::Asked> Planner::asked(std::string_view owner, std::string_view token) const {
  const BriefLock lock(mutex_);
  const JobPointer job = find(owner, token);
  if (job == nullptr || (is_over_for_all(*job) && job->specification.is_relative())) {
    return std::nullopt;
  }
  return asked_before(*job);
}

bool Planner::has(std::string_view owner, std::string_view token,
                  const std::weak_ptr<const Job>& job) const {
  const BriefLock lock(mutex_);
  const JobPointer found = find(owner, token);
  return found != nullptr && found == job.lock();
}

/// Whether it has ended, and that may be spoken of.
bool Planner::is_over_for_all(const Job& job) const {
  return job.ended && job.position <= revealed_;
}

std::optional<Planner::Asked> Planner::submit(const std::string& owner,
                                              const Specification& specification,
                                              std::shared_ptr<Offer> offer, Effects& effects,
                                              const std::size_t measurements) {
  const std::string_view token = given_token(specification);
  const Wishes wishes = wishes_of(specification, offer->service.policy);
  const Duration slip = this->slip(owner, token, wishes.slip);

  const BriefLock lock(mutex_);
  Account* account = find_account(owner);
  const JobPointer before = find(account, token);
  if (before != nullptr && !(is_over_for_all(*before) && specification.is_relative())) {
    return asked_before(*before);
  }
  check_admission(owner, account, *offer);
  check_credit(owner, account, measurements);
  const Now accepted = now();
  const Schedule schedule(specification, accepted, slip);
  if (before != nullptr) put_aside(*before);
  const JobPointer job = add(account == nullptr ? open_account(owner) : *account, specification,
                             std::move(offer), schedule, wishes);
  effects.accepted = {job, before};
  if (options_.journal != nullptr) {
    record(*job, {.kind = JournalEntry::Kind::Accepted,
                  .service = job->offer->service.capability.label(),
                  .specification = specification});
    job->position = recorded_;
  }
  if (job->schedule.due().lateness(accepted).count() < 0) {
    plan(*job, job->schedule.due(), accepted, effects);
    return std::nullopt;
  }
  on_time(*job, accepted, effects);
  if (job->ended && job->books().refused > 0 && !specification.when().is_repeated()) {
    const Error why = waiting_refusal(*job);
    take_back(std::exchange(effects.accepted, {}), effects);
    throw why;
  }
  return std::nullopt;
}

/// Why a run that was due at once could not even wait.
Error Planner::waiting_refusal(const Job& job) const {
  const std::string why = job.snapshot().outcomes.front()->find<Exception>()->message();
  const SchedulerLimits& limits = options_.limits;
  if (job.account.queued >= limits.waiting_per_owner) {
    return Error(ErrorKind::TooMany, "limits/waiting-per-owner",
                 why + "; " + std::to_string(limits.waiting_per_owner) + " runs of '" +
                     job.account.owner + "' may wait, and do");
  }
  return Error(ErrorKind::TooMany, "limits/waiting",
               why + "; " + std::to_string(limits.waiting) + " runs may wait, and do");
}

Planner::Asked Planner::asked_before(const Job& job) const {
  return {job.specification, job.position <= revealed_, job.weak_from_this()};
}

Snapshot Planner::redeem(std::string_view owner, std::string_view token, Effects& effects) {
  const BriefLock lock(mutex_);
  const JobPointer job = known(owner, token);
  Snapshot snapshot = job->snapshot(revealed_);
  if (snapshot.ended) redeemed(*job, effects);
  if (job->has_revealed_all(revealed_)) fetched(*job, effects);
  return snapshot;
}

void Planner::follow(std::string_view owner, std::string_view token, Follower::Callback each,
                     Effects& effects) {
  const BriefLock lock(mutex_);
  const JobPointer job = known(owner, token);
  const auto follower = std::make_shared<Follower>(std::move(each));
  for (const Job::Kept& kept : job->course().outcomes) follower->push(kept.outcome, kept.position);
  if (job->ended) {
    follower->push(nullptr, job->position);
  } else {
    job->course().followers.push_back(follower);
  }
  effects.followers.push_back({follower, recorded_});
}

bool Planner::is_over(std::string_view owner, std::string_view token) const {
  const BriefLock lock(mutex_);
  return is_over_for_all(*known(owner, token));
}

void Planner::hand_over(std::string_view owner, std::string_view token, Effects& effects) {
  const BriefLock lock(mutex_);
  const JobPointer job = known(owner, token);
  hand_over(*job, effects);
  fetched(*job, effects);
}

void Planner::interrupt(std::string_view owner, std::string_view token, Effects& effects) {
  const BriefLock lock(mutex_);
  const JobPointer job = known(owner, token);
  lose_expected(*job, effects);
  interrupt(*job, Reason::InterruptedBeforeStart, Reason::Interrupted, effects);
}

void Planner::await(std::string_view owner, std::string_view token, Duration at_most,
                    Waiter::Callback done, Effects& effects) {
  const BriefLock lock(mutex_);
  const JobPointer job = known(owner, token);
  if (job->ended || stopping_ || at_most <= Duration(0)) {
    redeemed(*job, effects);
    fetched(*job, effects);
    effects.answers.push_back({std::move(done), job->snapshot()});
    return;
  }
  auto& waiters = job->course().waiters;
  waiters.push_back(std::make_unique<Waiter>(*job, std::move(done)));
  const Now at = now();
  plan(*waiters.back(), Due::after(at, at_most), at, effects);
}

bool Planner::turn(Effects& effects) {
  const BriefLock lock(mutex_);
  if (!ready_.empty()) {
    effects.ready = std::move(ready_.front());
    ready_.pop_front();
    return true;
  }
  const Now at = now();
  Timed* due = agenda_.pop_due(at);
  if (due == nullptr) return false;
  on_time(*due, at, effects);
  // What is forgotten comes in heaps, and need not take the lock one by one.
  for (int more = 1; more < kForgottenAtOnce && !effects.forgotten.empty(); ++more) {
    due = effects.tell_others() ? nullptr : agenda_.pop_due(at);
    if (due == nullptr) break;
    on_time(*due, at, effects);
  }
  return true;
}

std::chrono::nanoseconds Planner::deadline() {
  const BriefLock lock(mutex_);
  looked_ = now();
  armed_ = ready_.empty() ? agenda_.next_deadline(looked_) : looked_.steady;
  return armed_;
}

void Planner::stop(Effects& effects) {
  const BriefLock lock(mutex_);
  stopping_ = true;
  std::vector<JobPointer> all;
  for (const auto& [owner, account] : accounts_) {
    for (const JobPointer& job : account.jobs) {
      if (!job->ended && job->has_course()) all.push_back(job);
    }
  }
  for (const JobPointer& job : all) {
    if (job->is_busy()) unfetched_.insert(job.get());
    stop_runs(*job, Reason::ShutDownBeforeStart, Reason::ShutDown, effects);
    if (!job->is_busy()) answer_waiters(*job, effects);
  }
}

std::size_t Planner::running(bool synchronous_only) const {
  const BriefLock lock(mutex_);
  return synchronous_only ? workers_.inside() : hall_.inside();
}

std::size_t Planner::unfetched() const {
  const BriefLock lock(mutex_);
  return unfetched_.size();
}

Lost Planner::lose(Effects& effects) {
  const BriefLock lock(mutex_);
  std::vector<std::shared_ptr<Execution>> all;
  for (const auto& [owner, account] : accounts_) {
    for (const JobPointer& job : account.jobs) {
      if (!job->is_busy()) continue;
      const auto& executions = job->course().executions;
      all.insert(all.end(), executions.begin(), executions.end());
    }
  }
  Lost lost;
  for (const auto& execution : all) {
    if (execution->state != Execution::State::Running) {
      give_up(*execution, Reason::ShutDownBeforeStart, effects);
      continue;
    }
    const Job& job = *execution->job;
    lost.names.push_back(job.specification.label() + " " + std::string(job.token()) + " of " +
                         job.account.owner);
    if (job.offer->is_synchronous()) ++lost.on_workers;
    if (!job.offer->is_synchronous() && execution->launching) lost.in_call = true;
    end(*execution, settle(Reason::StopIgnored, execution->specification), effects);
  }
  return lost;
}

Books Planner::books() const {
  const BriefLock lock(mutex_);
  return books_;
}

Books Planner::books(std::string_view owner, std::string_view token) const {
  const BriefLock lock(mutex_);
  return known(owner, token)->books();
}

Lateness Planner::lateness() const {
  const BriefLock lock(mutex_);
  return lateness_;
}

Account* Planner::find_account(std::string_view owner) {
  const auto holder = accounts_.find(owner);
  return holder == accounts_.end() ? nullptr : &holder->second;
}

const Account* Planner::find_account(std::string_view owner) const {
  const auto holder = accounts_.find(owner);
  return holder == accounts_.end() ? nullptr : &holder->second;
}

Planner::JobPointer Planner::find(const Account* account, std::string_view token) {
  if (account == nullptr) return nullptr;
  return account->jobs.find(token);
}

Planner::JobPointer Planner::find(std::string_view owner, std::string_view token) const {
  return find(find_account(owner), token);
}

Planner::JobPointer Planner::known(std::string_view owner, std::string_view token) const {
  JobPointer job = find(owner, token);
  if (job == nullptr) {
    throw Error(ErrorKind::Unknown, "token", "'" + std::string(token) + "' is not known");
  }
  return job;
}

Duration Planner::slip(std::string_view owner, std::string_view token, Duration most) const {
  return slip_of(options_.name, owner, token, most);
}

Account& Planner::open_account(const std::string& owner) {
  return accounts_.try_emplace(owner, owner, options_.limits.runs_per_owner).first->second;
}

Planner::JobPointer Planner::add(Account& account, const Specification& specification,
                                 std::shared_ptr<Offer> offer, const Schedule& schedule,
                                 const Wishes& wishes) {
  JobPointer job =
      std::make_shared<Job>(account, specification, std::move(offer), schedule, wishes);
  account.jobs.insert(job);
  ++account.live;
  ++live_;
  if (job->offer != nullptr) ++job->offer->jobs;
  return job;
}

void Planner::check_admission(const std::string& owner, const Account* account,
                              const Offer& offer) const {
  if (stopping_) throw Error(ErrorKind::Unavailable, "", "the component is shutting down");
  const SchedulerLimits& limits = options_.limits;
  const std::size_t of_service = offer.service.policy.max_jobs;
  const std::size_t of_owner = account == nullptr ? 0 : account->live;
  if (live_ >= limits.jobs) refuse("jobs", limits.jobs, "");
  if (of_owner >= limits.jobs_per_owner) {
    refuse("jobs-per-owner", limits.jobs_per_owner, " of '" + owner + "'");
  }
  if (offer.jobs >= of_service) {
    refuse("max-jobs", of_service, " of service '" + offer.service.capability.label() + "'");
  }
}

void Planner::check_credit(const std::string& owner, const Account* account,
                           const std::size_t measurements) {
  const std::size_t live = account == nullptr ? 0 : account->live;
  if (live < measurements) return;
  throw Error(ErrorKind::TooMany, "credits/measurements",
              mplane::quoted(owner) + " has " + std::to_string(live) + " of " +
                  std::to_string(measurements) +
                  " measurements planned or running; there is room when one ends");
}

void Planner::interrupt(Job& job, Reason waiting, Reason running, Effects& effects) {
  if (job.ended) return;
  const JobPointer held = job.shared_from_this();
  job.schedule.finish();
  agenda_.cancel(job);
  JournalEntry entry{.kind = JournalEntry::Kind::Changed};
  if (!job.is_busy() && !job.schedule.is_repeated()) {
    const Settlement settlement = settle(waiting, job.specification);
    keep(job, settlement, effects);
    entry.outcome = settlement.message;
  }
  if (job.is_busy()) stop_runs(job, waiting, running, effects);  // before it is written down
  record(job, std::move(entry));
  end_if_over(job, effects);
}

void Planner::stop_runs(Job& job, Reason waiting, Reason running, Effects& effects) {
  const auto executions = job.course().executions;  // a copy: those that wait are taken out
  for (const auto& execution : executions) {
    if (execution->state == Execution::State::Running) {
      request_stop(*execution, running, effects);
    } else {
      give_up(*execution, waiting, effects);
    }
  }
}

void Planner::keep(Job& job, const Settlement& settlement, Effects& effects) {
  const Position position = options_.journal == nullptr ? 0 : recorded_ + 1;  // of what comes next
  const auto most = std::min<std::size_t>(options_.results.newest, job.wishes.max_results);
  const std::size_t before = job.course().bytes;
  job.keep({settlement.message, settlement.bytes, position}, most);
  shelf_.grow(job, before);
  for (const auto& follower : job.course().followers) {
    follower->push(settlement.message, position);
    effects.followers.push_back({follower, position});
  }
}

void Planner::end_if_over(Job& job, Effects& effects) {
  if (job.ended || job.is_busy() || job.schedule.next()) return;
  const JobPointer held = job.shared_from_this();
  job.ended = true;
  job.position = recorded_;
  --job.account.live;
  --live_;
  if (job.offer != nullptr) --job.offer->jobs;
  shelf_.put(job);
  for (const auto& follower : std::exchange(job.course().followers, {})) {
    follower->push(nullptr, job.position);
    effects.followers.push_back({follower, job.position});
  }
  answer_waiters(job, effects);
  if (!job.handed_over) plan_to_forget(job, now(), Duration(0), effects);
  make_room(job, effects);
}

void Planner::answer_waiters(Job& job, Effects& effects) {
  if (!job.has_course() || job.course().waiters.empty()) return;
  for (auto& waiter : std::exchange(job.course().waiters, {})) {
    agenda_.cancel(*waiter);
    effects.answers.push_back({std::move(waiter->done), job.snapshot()});
  }
  redeemed(job, effects);
  fetched(job, effects);
}

void Planner::plan(Timed& timed, Due due, const Now& now, Effects& effects) {
  agenda_.plan(timed, due);
  const auto next = agenda_.next_deadline(now);
  if (next >= armed_) return;
  armed_ = next;
  effects.ring = true;
}

}  // namespace mplane::detail
