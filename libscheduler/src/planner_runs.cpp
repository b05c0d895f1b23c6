#include "planner.hpp"

#include <algorithm>
#include <utility>

namespace mplane::detail {

using State = Execution::State;

namespace {

constexpr std::size_t kHall = 3;  // the gate for all
constexpr std::size_t kGates = 5;

/// Only the gate for all tells classes apart.
JobClass class_at(const Execution& execution, std::size_t gate) {
  return gate == kHall ? execution.job->offer->service.policy.job_class : JobClass::Normal;
}

Marks marks_of(const Execution& execution, std::optional<Reason> stopped) {
  Marks marks;
  if (stopped && *stopped != Reason::ScopeEnded) marks.cut_short = stopped;
  if (!execution.job->wishes.tell_lateness) return marks;
  marks.late = execution.due.lateness(execution.started);
  marks.planned = execution.started.wall - std::chrono::floor<Duration>(marks.late);
  return marks;
}

}  // namespace

bool Planner::begin(const std::shared_ptr<Execution>& execution, Effects& effects) {
  const BriefLock lock(mutex_);
  if (execution->state != State::Admitted) return false;  // interrupted on its way
  const Now at = now();
  const Job& job = *execution->job;
  const auto end = job.schedule.end(job.specification, at);
  const bool is_over = end && end->lateness(at).count() > 0;
  if (is_over && !execution->resumed) {
    give_up(*execution, Reason::ScopePassed, effects);
    return false;
  }
  execution->state = State::Running;
  execution->stop = std::stop_source();
  execution->started = at;  // before its service is called; constant from then on
  execution->launching = true;
  execution->job->course().tally.start();
  books_.start();
  lateness_.record(execution->due.lateness(at));
  const ServicePolicy& policy = job.offer->service.policy;
  if (end) {
    plan(*execution, is_over ? Due::after(at, policy.grace) : *end + policy.grace, at, effects);
  } else if (policy.longest && execution->specification.when().is_singleton()) {
    plan(*execution, Due::after(at, *policy.longest), at, effects);
  }
  return true;
}

bool Planner::launched(const std::shared_ptr<Execution>& execution) {
  const BriefLock lock(mutex_);
  execution->launching = false;
  return execution->abandoned;
}

void Planner::finish(const std::shared_ptr<Execution>& execution, Outcome outcome,
                     Effects& effects) {
  // What is marked as cut short has to be in the books as such, too: both go by the same look.
  const bool marks = execution->job->wishes.marks;
  std::optional<Reason> stopped = execution->stop_reason();
  Settlement settlement =
      settle(std::move(outcome), execution->specification, execution->started.wall, clock_.now(),
             marks ? marks_of(*execution, stopped) : Marks());
  const BriefLock lock(mutex_);
  if (execution->state != State::Running) return;
  if (settlement.reason == Reason::Abandoned && execution->launching) {
    execution->abandoned = true;  // it may be about to throw: its words are better than ours
    return;
  }
  if (!marks) stopped = execution->stop_reason();
  const bool in_time = stopped == Reason::ScopeEnded && settlement.reason != Reason::Completed;
  if (stopped && !in_time) settlement.reason = *stopped;
  end(*execution, settlement, effects);
}

void Planner::on_time(Timed& due, const Now& now, Effects& effects) {
  switch (due.kind()) {
    case Timed::Kind::Job:
      return on_time(static_cast<Job&>(due), now, effects);
    case Timed::Kind::Execution:
      return on_time(static_cast<Execution&>(due), now, effects);
    case Timed::Kind::Waiter:
      return on_time(static_cast<Waiter&>(due), effects);
  }
}

/// Its next start is due, or it has been kept for long enough.
void Planner::on_time(Job& job, const Now& now, Effects& effects) {
  const JobPointer held = job.shared_from_this();
  if (job.ended) return forget(held, effects);
  if (stopping_) return;
  const When& when = job.specification.when();
  const auto passed = job.schedule.skip_late(when, now, job.offer->service.policy.tolerance);
  if (passed.count > 0) miss(job, passed, now, effects);
  for (auto next = job.schedule.next(); next; next = job.schedule.next()) {
    const Due due = job.schedule.due();
    if (due.lateness(now).count() < 0) break;
    job.schedule.advance(when);
    start(job, *next, due, now, effects);
  }
  if (job.schedule.next()) plan(job, job.schedule.due(), now, effects);
  end_if_over(job, effects);
}

/// Its scope has ended, or it was asked to stop long ago.
void Planner::on_time(Execution& execution, const Now&, Effects& effects) {
  if (!execution.stop_reason()) return request_stop(execution, Reason::ScopeEnded, effects);
  const Job& job = *execution.job;
  effects.records.push_back({Severity::Warning,
                             "scheduler",
                             "a service ignores that it was asked to stop",
                             {{"service", job.offer->service.capability.label()},
                              {"token", std::string(job.token())},
                              {"owner", job.account.owner}}});
}

/// He has waited for long enough.
void Planner::on_time(Waiter& waiter, Effects& effects) {
  effects.answers.push_back({std::move(waiter.done), waiter.job.snapshot()});
  waiter.job.course().waiters.erase_if(
      [&waiter](const auto& other) { return other.get() == &waiter; });
}

Reason Planner::reason_for_missing(const Job& job, const Now& now) const {
  if (restoring_) return Reason::Down;
  const auto set_by = (now.wall - looked_.wall) - (now.steady - looked_.steady);
  return set_by > job.offer->service.policy.tolerance ? Reason::ClockStep : Reason::Late;
}

void Planner::miss(Job& job, const Schedule::Passed& passed, const Now& now, Effects& effects) {
  const When& when = job.specification.when();
  bool make_up = job.wishes.missed == Missed::Once;
  if (job.schedule.is_repeated()) {
    make_up = make_up && !(job.schedule.next() && job.schedule.due().lateness(now).count() >= 0);
  } else {
    const auto end = job.schedule.end(job.specification, now);
    const bool still_open = end ? end->lateness(now).count() <= 0 : !when.is_singleton();
    make_up = still_open || (make_up && !end);
  }
  const std::uint64_t missed = passed.count - (make_up ? 1 : 0);
  const Reason reason = reason_for_missing(job, now);
  job.course().tally.wait(missed);
  job.course().tally.end(reason, missed);
  books_.wait(missed);
  books_.end(reason, missed);
  if (make_up) return start(job, passed.last, job.schedule.due(passed.last), now, effects);
  JournalEntry entry{.kind = JournalEntry::Kind::Changed};
  if (!job.schedule.is_repeated()) {
    const Settlement settlement = settle(reason, job.specification);
    keep(job, settlement, effects);
    entry.outcome = settlement.message;
  }
  record(job, std::move(entry));
}

void Planner::start(Job& job, Instant nominal, Due due, const Now& now, Effects& effects) {
  Job::Course& course = job.course();
  course.tally.wait();
  books_.wait();
  const Overlap overlap = job.wishes.overlap;
  if (job.is_busy() && overlap == Overlap::Skip) {
    course.tally.end(Reason::Overlap);
    books_.end(Reason::Overlap);
    record(job, {.kind = JournalEntry::Kind::Changed});
    return;
  }
  if (job.schedule.is_repeated() && overlap == Overlap::Queue && course.queue == nullptr) {
    course.queue = std::make_unique<Gate>(1, Reason::Overlap);
  }
  const auto execution = std::make_shared<Execution>(
      job.shared_from_this(), job.schedule.run(job.specification, nominal, now), nominal, due);
  execution->resumed = resuming_;
  course.executions.push_back(execution);
  if (proceed(*execution)) {
    effects.launches.push_back(execution);
  } else if (job.account.queued > options_.limits.waiting_per_owner) {
    give_up(*execution, Reason::OwnerLimit, effects);
  } else if (queued_ > options_.limits.waiting) {
    give_up(*execution, gate(*execution, execution->gate)->reason(), effects);
  }
}

/// The gates of a run, in their order; null where it has to pass none.
Gate* Planner::gate(const Execution& execution, std::size_t number) {
  Job& job = *execution.job;
  switch (number) {
    case 0:
      return job.course().queue.get();
    case 1:
      return &job.account.gate;
    case 2:
      return &job.offer->gate;
    case kHall:
      return &hall_;
    default:
      return job.offer->is_synchronous() ? &workers_ : nullptr;
  }
}

/// Goes through its gates, as far as they let it. Whether that was all the way.
bool Planner::proceed(Execution& execution) {
  for (; execution.gate < kGates; ++execution.gate) {
    Gate* const next = gate(execution, execution.gate);
    if (next == nullptr || next->enter(execution, class_at(execution, execution.gate))) continue;
    ++queued_;
    ++execution.job->account.queued;
    return false;
  }
  execution.state = State::Admitted;
  if (options_.journal != nullptr) {
    record(*execution.job, {.kind = JournalEntry::Kind::Started, .start = execution.nominal});
  }
  return true;
}

/// Gives back its places, and lets in those who waited for them.
void Planner::leave(Execution& execution, Effects& effects) {
  const bool waits = execution.state == State::Waiting;
  if (waits) {
    --queued_;
    --execution.job->account.queued;
    gate(execution, execution.gate)->forget(execution);
  }
  for (std::size_t i = 0; i < execution.gate; ++i) {
    Gate* const passed = gate(execution, i);
    if (passed != nullptr) passed->leave(class_at(execution, i));
  }
  for (std::size_t i = 0; i < kGates && i <= execution.gate; ++i) {
    Gate* const passed = gate(execution, i);
    while (Execution* const next = passed == nullptr ? nullptr : passed->admit_next()) {
      --queued_;
      --next->job->account.queued;
      ++next->gate;
      if (proceed(*next)) launch(*next, effects);
    }
  }
}

/// Launches a run that had to wait. Not an asynchronous one on the thread that ends another: a long
/// queue of those that end at once would become as deep a stack.
void Planner::launch(Execution& execution, Effects& effects) {
  if (execution.job->offer->is_synchronous() || options_.journal != nullptr) {
    effects.launches.push_back(execution.shared_from_this());
  } else {
    ready_.push_back(execution.shared_from_this());
    effects.ring = true;
  }
}

/// Ends a start that did not become a run.
void Planner::give_up(Execution& execution, Reason reason, Effects& effects) {
  end(execution, settle(reason, execution.specification), effects);
}

void Planner::end(Execution& execution, const Settlement& settlement, Effects& effects) {
  const std::shared_ptr<Execution> held = execution.shared_from_this();
  Job& job = *execution.job;
  leave(execution, effects);
  const State before = std::exchange(execution.state, State::Ended);
  agenda_.cancel(execution);
  job.course().tally.end(settlement.reason);
  books_.end(settlement.reason);
  job.course().executions.erase_if([&held](const auto& other) { return other == held; });
  const bool has_outcome = before == State::Running || !job.schedule.is_repeated();
  if (has_outcome) keep(job, settlement, effects);
  if (options_.journal != nullptr) {
    using Kind = JournalEntry::Kind;
    record(job, {.kind = before == State::Waiting ? Kind::Changed : Kind::Ended,
                 .start = execution.nominal,
                 .outcome = has_outcome ? settlement.message : nullptr});
  }
  end_if_over(job, effects);
  if (has_outcome && !job.ended) make_room(job, effects);
  effects.progress_while_stopping = stopping_;
}

void Planner::request_stop(Execution& execution, Reason reason, Effects& effects) {
  if (execution.stop_reason()) return;
  execution.stop_for(reason);
  effects.stops.push_back(execution.stop);
  const Now at = now();
  plan(execution, Due::after(at, options_.stop_patience), at, effects);
}

}  // namespace mplane::detail
