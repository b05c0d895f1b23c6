#include "planner.hpp"

#include <algorithm>
#include <utility>

namespace mplane::detail {
namespace {

Error is_there(const std::string& owner, const std::string& token) {
  return Error(ErrorKind::Invalid, "token", "'" + token + "' of '" + owner + "' is there");
}

/// Whether all that still goes on was told to end by its owner: that holds for the process after
/// this one, too.
bool is_called_off(const Job& job) {
  const auto& executions = job.course().executions;
  return std::all_of(executions.begin(), executions.end(), [](const auto& execution) {
    return execution->stop_reason() == Reason::Interrupted;
  });
}

}  // namespace

std::pair<std::vector<JournalEntry>, Position> Planner::take_entries() {
  const BriefLock lock(mutex_);
  return {std::exchange(entries_, {}), recorded_};
}

bool Planner::has_entries() const {
  const BriefLock lock(mutex_);
  return !entries_.empty();
}

void Planner::reveal(Position position) {
  const BriefLock lock(mutex_);
  revealed_ = std::max(revealed_, position);
}

void Planner::add_ready(const Few<std::shared_ptr<Execution>>& executions) {
  const BriefLock lock(mutex_);
  ready_.insert(ready_.end(), executions.begin(), executions.end());
}

void Planner::refuse_unkept(const Few<std::shared_ptr<Execution>>& executions, Effects& effects) {
  const BriefLock lock(mutex_);
  for (const auto& execution : executions) {
    if (execution->state == Execution::State::Admitted) {
      give_up(*execution, Reason::NotKept, effects);
    }
  }
}

void Planner::record(const Job& job, JournalEntry entry) {
  if (options_.journal == nullptr) return;
  entry.owner = job.account.owner;
  entry.token = job.token();
  if (entry.kind != JournalEntry::Kind::Forgotten) entry.state = recorded_state(job);
  entries_.push_back(std::move(entry));
  ++recorded_;
}

JobState Planner::recorded_state(const Job& job) const {
  JobState state{
      .accepted = job.schedule.accepted(),
      .changed = clock_.now(),
      .next = job.schedule.next(),
      .over = job.ended || (!job.schedule.next() && (!job.is_busy() || is_called_off(job))),
      .handed_over = job.handed_over,
      .books = job.books()};
  if (!job.has_course()) return state;
  state.outcomes = job.course().outcomes.size();
  for (const auto& execution : job.course().executions) {
    if (execution->state == Execution::State::Admitted) state.books.start();
  }
  return state;
}

void Planner::retract(const std::string& owner, const Effects::Accepted& accepted,
                      Effects& effects) {
  const BriefLock lock(mutex_);
  const JobPointer& job = accepted.job;
  if (find(owner, job->token()) != job) return;  // it is gone, and may have a successor
  interrupt(*job, Reason::NotKept, Reason::Interrupted, effects);
  if (job->ended) take_back(accepted, effects);
}

void Planner::expect(const JobRecord& record) {
  const std::string token = record.specification.token();
  const BriefLock lock(mutex_);
  if (find(record.owner, token) != nullptr) throw is_there(record.owner, token);
  const Schedule schedule = Schedule::resume(record.specification, record.state.accepted,
                                             record.state.next, now(), Duration(0));
  const JobPointer job = add(open_account(record.owner), record.specification.with_token(token),
                             nullptr, schedule, Wishes());
  job->course().expected = record.state.books;
  restore_outcomes(*job, record);
  expected_.insert({record.owner, token});
}

void Planner::restore_outcomes(Job& job, const JobRecord& record) {
  for (const Message& outcome : record.outcomes) {
    const Settlement kept = settle(outcome);
    job.keep({kept.message, kept.bytes}, options_.results.newest);
  }
  if (!record.outcomes.empty()) shelf_.grow(job, 0);
}

/// One that is expected ends before its service is offered: what ran is lost.
void Planner::lose_expected(Job& job, Effects& effects) {
  if (!job.is_expected()) return;
  restore_books(job, *std::exchange(job.course().expected, {}), effects);
  if (job.schedule.next()) return;
  record(job, {.kind = JournalEntry::Kind::Changed});
  end_if_over(job, effects);
}

void Planner::restore(const JobRecord& record, std::shared_ptr<Offer> offer, const Gone why,
                      Effects& effects) {
  const BriefLock lock(mutex_);
  const Now at = now();
  const Resumption way = resumption(record, offer.get(), at);
  const JobPointer job = take_up(record, std::move(offer), way);
  if (job == nullptr) return;
  restore_books(*job, way.begins_again ? Books() : record.state.books, effects);
  if (way.begins_again) return begin_again(*job, at, effects);
  if (record.state.over) return restore_shelved(*job, record.state, at, effects);
  if (!way.goes_on) end_without_service(*job, record, why, effects);
  if (job->schedule.next()) {
    restoring_ = true;
    on_time(*job, at, effects);
    restoring_ = false;
  } else {
    end_if_over(*job, effects);
  }
  this->record(*job, {.kind = JournalEntry::Kind::Changed});
}

Planner::Resumption Planner::resumption(const JobRecord& record, const Offer* const offer,
                                        const Now& at) const {
  const std::string token = record.specification.token();
  const Specification specification = record.specification.with_token(token);
  const Wishes wishes =
      offer == nullptr ? Wishes() : wishes_of_accepted(specification, offer->service.policy);
  const Duration slip = this->slip(record.owner, token, wishes.slip);
  const Instant accepted = record.state.accepted;
  const bool goes_on = offer != nullptr && !record.state.over;
  // Such a job has one start, and that was begun.
  const bool begins_again = goes_on && offer->service.policy.resumes &&
                            !specification.when().is_repeated() && record.state.books.running == 1;
  const Schedule schedule =
      begins_again ? Schedule::begin_again(specification, accepted, at, slip)
                   : Schedule::resume(specification, accepted,
                                      goes_on ? record.state.next : std::nullopt, at, slip);
  return {specification, wishes, schedule, goes_on, begins_again};
}

/// The job, which may be there since it was expected; null for one that was expected, and
/// interrupted meanwhile.
Planner::JobPointer Planner::take_up(const JobRecord& record, std::shared_ptr<Offer> offer,
                                     const Resumption& way) {
  const std::string token(way.specification.token());
  JobPointer job = find(record.owner, token);
  if (expected_.erase({record.owner, token}) == 0) {
    if (job != nullptr) throw is_there(record.owner, token);
    job = add(open_account(record.owner), way.specification, std::move(offer), way.schedule,
              way.wishes);
    restore_outcomes(*job, record);
    return job;
  }
  if (job == nullptr || !job->is_expected()) return nullptr;
  job->course().expected.reset();
  job->offer = std::move(offer);
  job->wishes = way.wishes;
  job->schedule = way.schedule;
  if (job->offer != nullptr) ++job->offer->jobs;
  return job;
}

/// It ends, and whoever asked for a single measurement that was not made is told.
void Planner::end_without_service(Job& job, const JobRecord& record, const Gone why,
                                  Effects& effects) {
  if (why == Gone::Forbidden) return end_forbidden(job, record, effects);
  if (!job.course().outcomes.empty() || job.specification.when().is_repeated()) return;
  const Exception gone(std::string(job.token()),
                       "the service that would do it is no longer offered");
  keep_anew(job, settle(Message(gone)), effects);
}

/// The one start that it has is in the books anew.
void Planner::begin_again(Job& job, const Now& now, Effects& effects) {
  const Instant nominal = *job.schedule.next();
  const Due due = job.schedule.due();
  job.schedule.advance(job.specification.when());
  resuming_ = true;
  start(job, nominal, due, now, effects);
  resuming_ = false;
  record(job, {.kind = JournalEntry::Kind::Changed});
}

/// It was over before, and is kept for what is left of its time: nothing new to write down.
void Planner::restore_shelved(Job& job, const JobState& state, const Now& now, Effects& effects) {
  end_if_over(job, effects);
  if (state.handed_over) shelf_.hand_over(job);
  plan_to_forget(job, now, now.wall - state.changed, effects);
}

/// Its owner lost the right to it while the process was down.
void Planner::end_forbidden(Job& job, const JobRecord& record, Effects& effects) {
  constexpr const char* kReason = "its owner may no longer use the service that would do it";
  keep_anew(job, settle(Message(Exception(std::string(job.token()), kReason))), effects);
  effects.records.push_back({Severity::Warning,
                             "scheduler",
                             "a specification of before is ended",
                             {{"owner", record.owner},
                              {"label", record.service},
                              {"token", std::string(job.token())},
                              {"reason", kReason}}});
}

/// What ran is lost, what waited has been missed.
void Planner::restore_books(Job& job, const Books& before, Effects& effects) {
  Books books = before;
  const std::uint64_t lost = books.running;
  const std::uint64_t missed = books.waiting;
  books.end(Reason::Crashed, lost);
  books.end(Reason::Down, missed);
  job.course().tally.restore(books);
  books_ += books;
  if (lost + missed == 0) return;
  const Reason reason = lost > 0 ? Reason::Crashed : Reason::Down;
  for (std::uint64_t i = 0; i < (job.schedule.is_repeated() ? lost : 1); ++i) {
    keep_anew(job, settle(reason, job.specification), effects);
  }
}

/// Keeps an outcome that the journal does not have yet.
void Planner::keep_anew(Job& job, const Settlement& settlement, Effects& effects) {
  keep(job, settlement, effects);
  record(job, {.kind = JournalEntry::Kind::Changed, .outcome = settlement.message});
}

}  // namespace mplane::detail
