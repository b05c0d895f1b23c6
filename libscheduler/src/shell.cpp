#include "shell.hpp"

#include "mplane/model/detail/given_token.hpp"
#include "plain_alarm.hpp"

#include <algorithm>
#include <exception>
#include <future>
#include <utility>

namespace mplane::detail {
namespace {

/// Who stops has to, also when there is no descriptor left.
std::unique_ptr<Alarm> alarm_for_a_stop(const Clock& clock) {
  try {
    return clock.make_alarm();
  } catch (const Error&) {
    return std::make_unique<PlainAlarm>(clock);
  }
}

}  // namespace

Shell::Shell(const Clock& clock, const SchedulerOptions& options, LogSink log)
    : clock_(clock),
      log_(std::move(log)),
      planner_(clock, options),
      scribe_(planner_, options.journal),
      workers_(std::max<std::size_t>(options.workers, 1)) {}

void Shell::open() {
  timer_.emplace(clock_, [self = shared_from_this()] { return self->turn(); });
}

void Shell::close() {
  closed_ = true;
  occupancy_.close();
  workers_.close(lost_on_workers_);
  timer_->close(lost_in_call_);
}

void Shell::perform(Effects&& effects) {
  perform_at_once(effects);
  if (!has_journal()) return perform_unjournaled(effects);
  if (!effects.tell_others() && !planner_.has_entries()) return;
  scribe_.commit([self = shared_from_this(), effects = std::move(effects)](auto failure) mutable {
    self->perform_journaled(std::move(effects), failure);
  });
}

void Shell::perform_unjournaled(const Effects& effects) {
  for (const auto& execution : effects.launches) launch(execution);
  for (const auto& reply : effects.answers) answer(reply);
  for (const auto& news : effects.followers) news.follower->drain(news.up_to);
}

/// On the journal's thread: an asynchronous service is called on the thread that waits instead.
void Shell::perform_journaled(Effects effects, const std::optional<Error>& failure) {
  if (!occupancy_.enter()) return;
  if (failure && !effects.launches.empty()) {
    Effects refusals;
    planner_.refuse_unkept(effects.launches, refusals);
    perform(std::move(refusals));
  } else if (!failure) {
    const auto is_synchronous = [](const auto& one) { return one->job->offer->is_synchronous(); };
    for (const auto& one : effects.launches) {
      if (is_synchronous(one)) launch(one);
    }
    effects.launches.erase_if(is_synchronous);
    planner_.add_ready(effects.launches);
    if (!effects.launches.empty()) timer_->ring();
  }
  effects.launches.clear();
  perform_unjournaled(effects);
  occupancy_.leave();
}

void Shell::perform_at_once(Effects& effects) {
  if (const auto ready = std::exchange(effects.ready, nullptr)) launch(ready);
  for (auto& stop : effects.stops) stop.request_stop();
  for (const auto& record : effects.records) mplane::log(log_, record);
  if (effects.ring) timer_->ring();
  if (effects.progress_while_stopping) {
    const Lock lock(mutex_);
    for (Alarm* const alarm : stopping_) alarm->ring();
  }
}

std::optional<Planner::Asked> Shell::submit(const std::string& owner,
                                            const Specification& specification,
                                            const MayUse& may_use, const Journal::Durable& then) {
  auto offer = catalogue_.match(specification, clock_.now(), may_use);
  Admission admission;
  if (const Service& service = offer->service; service.check || service.admit) {
    auto before = planner_.asked(owner, given_token(specification));
    if (before) return before;
    if (service.check) service.check(owner, specification);
    if (service.admit) admission = service.admit(owner, specification);
  }
  const auto give_back = [given = std::move(admission.give_back)] {
    if (given) given();
  };
  Effects effects;
  std::optional<Planner::Asked> before;
  try {
    before =
        planner_.submit(owner, specification, std::move(offer), effects, admission.measurements);
  } catch (const Error&) {
    give_back();
    perform(std::move(effects));  // it may have been accepted and forgotten
    throw;
  }
  if (before) {
    give_back();
  } else if (has_journal()) {
    keep_accepted(owner, std::move(effects), give_back, then);
  } else {
    perform(std::move(effects));
  }
  return before;
}

/// What was accepted is told once it is on disk; what cannot be kept is not accepted.
void Shell::keep_accepted(const std::string& owner, Effects effects,
                          const std::function<void()>& give_back, const Journal::Durable& then) {
  perform_at_once(effects);
  auto accepted = std::exchange(effects.accepted, {});
  scribe_.commit([self = shared_from_this(), owner, accepted = std::move(accepted),
                  effects = std::move(effects), then, give_back](auto failure) mutable {
    if (failure) {
      give_back();
      effects = Effects();
      self->planner_.retract(owner, accepted, effects);
      self->perform(std::move(effects));
    } else {
      self->perform_journaled(std::move(effects), failure);
    }
    then(std::move(failure));
  });
}

std::optional<Error> Shell::commit() {
  const auto durable = std::make_shared<std::promise<std::optional<Error>>>();
  commit([durable](std::optional<Error> failure) { durable->set_value(std::move(failure)); });
  return durable->get_future().get();
}

Follower::Callback Shell::fence(Follower::Callback each) {
  return [self = weak_from_this(), each = std::move(each)](std::optional<Message> outcome) {
    const auto failure = fenced([&] { each(std::move(outcome)); });
    if (!failure) return;
    if (const auto shell = self.lock()) shell->complain("who follows a job threw", *failure);
  };
}

Shell::Acceptance Shell::fence(Acceptance done) {
  return [self = weak_from_this(), done = std::move(done)](std::variant<Receipt, Error> made) {
    const auto failure = fenced([&] { done(std::move(made)); });
    if (!failure) return;
    if (const auto shell = self.lock()) shell->complain("who submits threw when told", *failure);
  };
}

std::vector<std::string> Shell::stop(Duration at_most, bool workers_only) {
  const auto deadline = clock_.steady() + at_most;
  Effects effects;
  planner_.stop(effects);
  perform(std::move(effects));
  wait_until(deadline, [&] { return planner_.running(workers_only) == 0; });
  occupancy_.wait_until_empty();  // the last ones may not have answered yet
  Effects losses;
  const Lost lost = planner_.lose(losses);
  lost_on_workers_ += lost.on_workers;
  if (lost.in_call) lost_in_call_ = true;
  perform(std::move(losses));
  if (has_journal()) commit();
  return lost.names;
}

void Shell::wait_until_fetched(Duration at_most) {
  wait_until(clock_.steady() + at_most, [&] { return planner_.unfetched() == 0; });
}

void Shell::wait_until(std::chrono::nanoseconds deadline, const std::function<bool()>& it_is_so) {
  const auto alarm = alarm_for_a_stop(clock_);
  {
    const Lock lock(mutex_);
    stopping_.push_back(alarm.get());
  }
  while (!it_is_so() && clock_.steady() < deadline) alarm->wait_until(deadline);
  const Lock lock(mutex_);
  std::erase(stopping_, alarm.get());
}

std::chrono::nanoseconds Shell::turn() {
  while (!closed_) {
    Effects effects;
    if (!planner_.turn(effects)) return planner_.deadline();
    effects.ring = false;  // nobody else waits
    perform(std::move(effects));
  }
  return Alarm::kNever;
}

void Shell::launch(const std::shared_ptr<Execution>& execution) {
  if (execution->job->offer->is_synchronous()) {
    workers_.post([self = shared_from_this(), execution] { self->run(execution); });
  } else {
    run(execution);
  }
}

void Shell::run(const std::shared_ptr<Execution>& execution) noexcept {
  Effects effects;
  const bool begins = planner_.begin(execution, effects);
  perform(std::move(effects));
  if (!begins) return;
  std::visit([&](const auto& service) { call(service, execution); },
             execution->job->offer->service.run);
}

/// The fence: whatever a service throws ends that run alone.
template <typename Call>
std::optional<Exception> Shell::fenced(const Call& call) noexcept {
  try {
    call();
    return std::nullopt;
  } catch (const Error& error) {
    return Exception(std::nullopt, error);
  } catch (const std::exception& error) {
    return Exception(std::nullopt, error.what());
  } catch (...) {
    return Exception(std::nullopt, "the service threw something that is no error");
  }
}

void Shell::call(const Run& service, const std::shared_ptr<Execution>& execution) {
  std::optional<Result> result;
  const auto failure = fenced([&] {
    look_before(*execution);
    result = service(execution->specification, execution->stop.get_token());
  });
  if (failure) {
    finish(execution, *failure);
  } else {
    finish(execution, *std::move(result));
  }
}

void Shell::call(const OwnerRun& service, const std::shared_ptr<Execution>& execution) {
  call(AsyncRun([&](const Specification& specification, std::stop_token stop, Completion done) {
         service(execution->job->account.owner, specification, std::move(stop), std::move(done));
       }),
       execution);
}

void Shell::call(const AsyncRun& service, const std::shared_ptr<Execution>& execution) {
  const auto failure = fenced([&] {
    look_before(*execution);
    service(execution->specification, execution->stop.get_token(),
            Completion([self = shared_from_this(), execution](
                           Outcome outcome) { self->finish(execution, std::move(outcome)); },
                       execution->name()));
  });
  const bool abandoned = planner_.launched(execution);
  if (failure) {
    finish(execution, *failure);
  } else if (abandoned) {
    finish(execution, Abandoned());
  }
}

void Shell::look_before(const Execution& execution) {
  const auto& before = execution.job->offer->service.before;
  if (before) before(execution.job->account.owner, execution.specification);
}

void Shell::finish(const std::shared_ptr<Execution>& execution, Outcome outcome) noexcept {
  if (!occupancy_.enter()) return;
  Effects effects;
  planner_.finish(execution, std::move(outcome), effects);
  perform(std::move(effects));
  occupancy_.leave();
}

void Shell::answer(const Effects::Answer& answer) noexcept {
  const auto failure = fenced([&] { answer.done(message_of(answer.snapshot)); });
  if (failure) complain("who waited for a result threw when it came", *failure);
}

void Shell::complain(std::string_view text, const Exception& failure) noexcept {
  mplane::log(log_,
              {Severity::Error, "scheduler", std::string(text), {{"error", failure.message()}}});
}

}  // namespace mplane::detail
