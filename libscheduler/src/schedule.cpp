#include "schedule.hpp"

#include <algorithm>

namespace mplane::detail {
namespace {

[[noreturn]] void refuse(const When& when, const std::string& why) {
  throw Error(ErrorKind::Invalid, "when", "'" + to_string(when) + "' " + why);
}

/// Refuses what is over: a run of the past cannot be measured any more.
void check_not_over(const When& when, Instant now) {
  const Interval interval = when.interval(now);
  if (interval.start.is_future()) refuse(when, "never starts");
  const bool over =
      interval.end.is_past() || (interval.end.is_definite() && interval.end.instant() < now) ||
      (interval.end.is_definite() && interval.start.is_definite() && interval.end < interval.start);
  if (over) refuse(when, "is over: it is " + to_string(Time(now)) + " now");
}

/// `past` and `now` as the start of a simple scope mean at once, as does a time within it.
Instant start_of_simple(const When& when, Instant now) {
  const Time start = when.interval(now).start;
  return start.is_definite() ? std::max(start.instant(), now) : now;
}

}  // namespace

bool runs_at_once(const Specification& specification) noexcept {
  return specification.verb() == "query";
}

Schedule::Schedule(const Specification& specification, const Now& accepted) noexcept
    : accepted_(accepted), repeated_(specification.when().is_repeated()) {
  const When& when = specification.when();
  relative_ = (runs_at_once(specification) && !repeated_) ||
              (!when.start().is_definite() && when.crontab() == nullptr);
}

Schedule::Schedule(const Specification& specification, const Now& accepted, Duration slip)
    : Schedule(specification, accepted) {
  const When& when = specification.when();
  const bool at_once = runs_at_once(specification) && !repeated_;
  if (!at_once) check_not_over(when, accepted.wall);
  if (repeated_) {
    const auto first = when.next_start(accepted.wall, accepted.wall);
    if (!first) refuse(when, "never starts");
    next_ = *first;
  } else {
    next_ = at_once ? accepted.wall : start_of_simple(when, accepted.wall);
  }
  if (repeated_ || next_ > accepted.wall) slip_ = slip;
}

Schedule Schedule::begin_again(const Specification& specification, const Instant accepted,
                               const Now& now, const Duration slip) {
  const bool at_once = runs_at_once(specification);
  const Instant start = at_once ? accepted : start_of_simple(specification.when(), accepted);
  return resume(specification, accepted, start, now, slip);
}

Schedule Schedule::resume(const Specification& specification, Instant accepted,
                          std::optional<Instant> next, const Now& now, Duration slip) {
  // The steady clock may have begun anew: its time of the acceptance is told by the wall's.
  Schedule schedule(specification, {now.steady - (now.wall - accepted), accepted});
  schedule.next_ = next.value_or(kNone);
  if (schedule.repeated_ || schedule.next_ > accepted) schedule.slip_ = slip;
  return schedule;
}

std::optional<Instant> Schedule::next() const noexcept {
  if (next_ == kNone) return std::nullopt;
  return next_;
}

Due Schedule::due(Instant nominal) const noexcept {
  if (!relative_) return Due::wall(nominal + slip_);
  return Due::after(accepted_, nominal - accepted_.wall) + slip_;
}

void Schedule::advance(const When& when) noexcept {
  if (next_ == kNone) return;
  const auto after =
      repeated_ ? when.next_start(next_ + Duration(1), accepted_.wall) : std::optional<Instant>();
  next_ = after.value_or(kNone);
}

Schedule::Passed Schedule::skip_late(const When& when, const Now& now,
                                     Duration tolerance) noexcept {
  Passed passed;
  while (next_ != kNone) {
    const auto late = std::chrono::floor<Duration>(due().lateness(now)) - tolerance;
    if (late <= Duration(0)) break;
    const Firings firings = late_starts(when, late);
    passed.count += firings.count;
    passed.last = firings.last;
    next_ = firings.last;
    advance(when);
  }
  return passed;
}

Firings Schedule::late_starts(const When& when, Duration late) const noexcept {
  if (!repeated_) return {1, next_};
  const Time end = when.interval(accepted_.wall).end;
  Duration stride = late - Duration(1);
  if (end.is_definite()) stride = std::min(stride, end.instant() - next_);
  if (when.crontab() != nullptr) return count_firings(*when.crontab(), next_, next_ + stride);
  const std::int64_t further = stride / *when.period();
  return {static_cast<std::uint64_t>(further) + 1, next_ + further * *when.period()};
}

Specification Schedule::run(const Specification& specification, Instant nominal,
                            const Now& now) const {
  if (!repeated_) return specification;
  if (!relative_) return specification.run_at(nominal);
  // In the time of day of now: the clock may have been set since the acceptance.
  return specification.run_at(now.wall - std::chrono::floor<Duration>(due(nominal).lateness(now)));
}

std::optional<Due> Schedule::end(const Specification& specification,
                                 const Now& now) const noexcept {
  if (runs_at_once(specification)) return std::nullopt;
  if (!repeated_) return end_of_simple(specification.when(), now);
  const When inner = specification.when().inner();
  const auto length = inner.is_singleton() ? std::nullopt : inner.length(now.wall);
  if (!length) return std::nullopt;
  return Due::after(now, *length);
}

std::optional<Due> Schedule::end_of_simple(const When& when, const Now& now) const noexcept {
  if (when.is_singleton()) return std::nullopt;
  const Interval interval = when.interval(now.wall);
  if (!interval.end.is_definite()) return std::nullopt;
  const bool relative = !when.start().is_definite() && (!when.end() || when.end()->is_now());
  if (!relative) return Due::wall(interval.end.instant() + slip_);
  return Due::after(now, std::max(interval.end.instant() - now.wall, Duration(0)));
}

}  // namespace mplane::detail
