#include "planner.hpp"

#include <algorithm>

namespace mplane::detail {

using State = Execution::State;

bool Planner::begin(const std::shared_ptr<Execution>& execution, Effects& effects) {
  const Lock lock(mutex_);
  if (execution->state != State::Admitted) return false;  // interrupted on its way
  const Now at = now();
  const Job& job = *execution->job;
  const auto end = job.schedule.end(job.specification, at);
  if (end && end->lateness(at).count() > 0) {
    give_up(*execution, Reason::ScopePassed, effects);
    return false;
  }
  execution->state = State::Running;
  execution->started = at;
  execution->launching = true;
  execution->job->course().books.start();
  books_.start();
  lateness_.record(execution->due.lateness(at));
  if (end) plan(*execution, *end + job.offer->service.policy.grace, at, effects);
  return true;
}

bool Planner::launched(const std::shared_ptr<Execution>& execution) {
  const Lock lock(mutex_);
  execution->launching = false;
  return execution->abandoned;
}

void Planner::finish(const std::shared_ptr<Execution>& execution, Outcome outcome,
                     Effects& effects) {
  Settlement settlement =
      settle(std::move(outcome), execution->specification, execution->started.wall, clock_.now());
  const Lock lock(mutex_);
  if (execution->state != State::Running) return;
  if (settlement.reason == Reason::Abandoned && execution->launching) {
    execution->abandoned = true;  // it may be about to throw: its words are better than ours
    return;
  }
  if (execution->stop_reason) {
    const bool asked_by_time = *execution->stop_reason == Reason::ScopeEnded;
    if (!asked_by_time || settlement.reason == Reason::Completed) {
      settlement.reason = *execution->stop_reason;
    }
  }
  end(*execution, settlement, effects);
}

/// Its next start is due, or it has been kept for long enough.
void Planner::on_time(Job& job, const Now& now, Effects& effects) {
  const JobPointer held = job.shared_from_this();
  if (job.ended) return forget(held);
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
  if (!execution.stop_reason) return request_stop(execution, Reason::ScopeEnded, effects);
  const Job& job = *execution.job;
  effects.records.push_back({Severity::Warning,
                             "scheduler",
                             "a service ignores that it was asked to stop",
                             {{"service", job.offer->service.capability.label()},
                              {"token", job.token},
                              {"owner", job.account.owner}}});
}

/// He has waited for long enough.
void Planner::on_time(Waiter& waiter, Effects& effects) {
  effects.answers.push_back({std::move(waiter.done), waiter.job.snapshot()});
  std::erase_if(waiter.job.course().waiters,
                [&waiter](const auto& other) { return other.get() == &waiter; });
}

void Planner::miss(Job& job, const Schedule::Passed& passed, const Now& now, Effects& effects) {
  const When& when = job.specification.when();
  bool make_up = job.offer->service.policy.missed == Missed::Once;
  if (job.schedule.is_repeated()) {
    make_up = make_up && !(job.schedule.next() && job.schedule.due().lateness(now).count() >= 0);
  } else {
    const auto end = job.schedule.end(job.specification, now);
    const bool still_open = end ? end->lateness(now).count() <= 0 : !when.is_singleton();
    make_up = still_open || (make_up && !end);
  }
  const std::uint64_t missed = passed.count - (make_up ? 1 : 0);
  const auto set_by = (now.wall - looked_.wall) - (now.steady - looked_.steady);
  const Reason reason =
      set_by > job.offer->service.policy.tolerance ? Reason::ClockStep : Reason::Late;
  for (Books* const books : {&job.course().books, &books_}) {
    books->wait(missed);
    books->end(reason, missed);
  }
  if (make_up) {
    start(job, passed.last, job.schedule.due(passed.last), now, effects);
  } else if (!job.schedule.is_repeated()) {
    keep(job, settle(reason, job.specification));
  }
}

void Planner::start(Job& job, Instant nominal, Due due, const Now& now, Effects& effects) {
  Job::Course& course = job.course();
  course.books.wait();
  books_.wait();
  if (job.is_busy() && job.offer->service.policy.overlap == Overlap::Skip) {
    course.books.end(Reason::Overlap);
    books_.end(Reason::Overlap);
    return;
  }
  const auto execution = std::make_shared<Execution>(
      job.shared_from_this(), job.schedule.run(job.specification, nominal, now), due);
  course.executions.push_back(execution);
  set_way(*execution);
  if (proceed(*execution)) {
    effects.launches.push_back(execution);
  } else if (queued_ > options_.limits.waiting) {
    give_up(*execution, execution->way[execution->position].gate->reason(), effects);
  }
}

void Planner::set_way(Execution& execution) {
  Job& job = *execution.job;
  const ServicePolicy& policy = job.offer->service.policy;
  std::size_t i = 0;
  if (job.schedule.is_repeated() && policy.overlap == Overlap::Queue) {
    auto& queue = job.course().queue;
    if (!queue) queue.emplace(1, Reason::Overlap);
    execution.way[i++] = {&*queue, JobClass::Normal};
  }
  execution.way[i++] = {&job.account.gate, JobClass::Normal};
  execution.way[i++] = {&job.offer->gate, JobClass::Normal};
  execution.way[i++] = {&hall_, policy.job_class};
  if (job.offer->is_synchronous()) execution.way[i] = {&workers_, JobClass::Normal};
}

/// Goes through its gates, as far as they let it. Whether that was all the way.
bool Planner::proceed(Execution& execution) {
  while (execution.position < execution.way.size()) {
    const Passage& passage = execution.way[execution.position];
    if (passage.gate == nullptr) break;
    if (!passage.gate->enter(execution, passage.job_class)) {
      ++queued_;
      return false;
    }
    ++execution.position;
  }
  execution.state = State::Admitted;
  return true;
}

/// Gives back its places, and lets in those who waited for them.
void Planner::leave(Execution& execution, Effects& effects) {
  const std::size_t passed = execution.position;
  const bool waits = execution.state == State::Waiting;
  if (waits) {
    --queued_;
    execution.way[passed].gate->forget(execution);
  }
  for (std::size_t i = 0; i < passed; ++i) execution.way[i].gate->leave(execution.way[i].job_class);
  for (std::size_t i = 0; i < passed + (waits ? 1 : 0); ++i) {
    while (Execution* const next = execution.way[i].gate->admit_next()) {
      --queued_;
      ++next->position;
      if (proceed(*next)) launch(*next, effects);
    }
  }
}

/// Launches a run that had to wait. Not an asynchronous one on the thread that ends another: a long
/// queue of those that end at once would become as deep a stack.
void Planner::launch(Execution& execution, Effects& effects) {
  if (execution.job->offer->is_synchronous()) {
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
  const bool was_run = std::exchange(execution.state, State::Ended) == State::Running;
  agenda_.cancel(execution);
  job.course().books.end(settlement.reason);
  books_.end(settlement.reason);
  std::erase(job.course().executions, held);
  if (was_run || !job.schedule.is_repeated()) keep(job, settlement);
  end_if_over(job, effects);
  effects.progress_while_stopping = stopping_;
}

void Planner::request_stop(Execution& execution, Reason reason, Effects& effects) {
  if (execution.stop_reason) return;
  execution.stop_reason = reason;
  effects.stops.push_back(execution.stop);
  const Now at = now();
  plan(execution, Due::after(at, options_.stop_patience), at, effects);
}

}  // namespace mplane::detail
