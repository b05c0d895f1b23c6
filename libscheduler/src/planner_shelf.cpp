#include "planner.hpp"

#include <algorithm>
#include <utility>

// What becomes of jobs that have ended: they are kept until their owners have what came of them,
// and for a while more, or until there is no room.

namespace mplane::detail {

/// Its owner is given what there is.
void Planner::redeemed(Job& job, Effects& effects) {
  if (!job.is_pushed()) hand_over(job, effects);
}

void Planner::hand_over(Job& job, Effects& effects) {
  if (!job.ended || job.handed_over) return;
  shelf_.hand_over(job);
  if (options_.journal != nullptr) record(job, {.kind = JournalEntry::Kind::Changed});
  plan_to_forget(job, now(), Duration(0), effects);
}

/// It has been kept for some time already, since its end or since it was handed over.
void Planner::plan_to_forget(Job& job, const Now& now, Duration kept, Effects& effects) {
  const Duration keep = job.handed_over ? options_.results.fetched : options_.results.unfetched;
  plan(job, Due::roughly_after(now, keep - std::clamp(kept, Duration(0), keep)), now, effects);
}

void Planner::fetched(const Job& job, Effects& effects) {
  if (job.is_busy()) return;
  if (unfetched_.erase(&job) > 0) effects.progress_while_stopping = true;
}

void Planner::forget(const JobPointer& held, Effects& effects) {
  effects.forgotten.push_back(held);  // which takes a while to destroy
  put_aside(*held);
  Account& holder = held->account;
  if (holder.jobs.empty()) accounts_.erase(accounts_.find(holder.owner));
}

/// Takes an ended job out of everything, but leaves its account.
void Planner::put_aside(Job& job) {
  agenda_.cancel(job);
  shelf_.take(job);
  unfetched_.erase(&job);
  if (options_.journal != nullptr) record(job, {.kind = JournalEntry::Kind::Forgotten});
  job.account.jobs.erase(job);
}

/// The other way round, and for the journal from the start.
void Planner::put_back(const JobPointer& job, Effects& effects) {
  job->account.jobs.insert(job);
  const bool handed_over = std::exchange(job->handed_over, false);
  shelf_.put(*job);
  if (handed_over) shelf_.hand_over(*job);
  plan_to_forget(*job, now(), Duration(0), effects);
  if (options_.journal == nullptr) return;
  record(*job, {.kind = JournalEntry::Kind::Accepted,
                .service = job->specification.label(),
                .specification = job->specification});
  for (const Job::Kept& kept : job->course().outcomes) {
    record(*job, {.kind = JournalEntry::Kind::Changed, .outcome = kept.outcome});
  }
}

/// Forgets what has ended without having been accepted.
void Planner::take_back(const Effects::Accepted& accepted, Effects& effects) {
  if (accepted.before == nullptr) return forget(accepted.job, effects);
  effects.forgotten.push_back(accepted.job);
  put_aside(*accepted.job);
  put_back(accepted.before, effects);
}

/// The newest outcome alone may be larger.
void Planner::make_room(const Job& newest, Effects& effects) {
  while (shelf_.bytes() > options_.results.max_bytes) {
    Job* const oldest = shelf_.oldest();
    if (oldest != nullptr && oldest != &newest) {
      forget(oldest->shared_from_this(), effects);
    } else if (!shelf_.drop_outcome(newest)) {
      return;
    }
  }
}

}  // namespace mplane::detail
