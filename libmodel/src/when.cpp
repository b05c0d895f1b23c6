#include "mplane/model/when.hpp"

#include "mplane/model/error.hpp"
#include "time_reader.hpp"
#include "when_rules.hpp"

#include <algorithm>

namespace mplane {
namespace detail {

bool is_reversed(const Time start, const Time end) noexcept {
  if (start.is_now()) return end.is_past();
  if (end.is_now()) return start.is_future();
  return end < start;
}

bool is_whole_seconds(const Duration duration) noexcept {
  return duration >= Duration::zero() &&
         (duration == kWithoutEnd || duration % std::chrono::seconds(1) == Duration::zero());
}

}  // namespace detail

namespace {

// The end of what lasts so long from a start; `future` where that is after the year 9999.
Time end_of(const Time start, const Duration duration) noexcept {
  if (duration == kWithoutEnd) return Time::future();
  if (!start.is_definite()) return start;
  if (duration > detail::kLastInstant - start.instant()) return Time::future();
  return start.instant() + duration;
}

// A length of time from one to the other, at least zero; max() where either is open.
Duration between_times(const Time from, const Time to) noexcept {
  if (!from.is_definite() || !to.is_definite()) return Duration::max();
  return to.instant() - from.instant();
}

}  // namespace

When::When() noexcept : When(Time::past()) { end_ = Time::future(); }

When When::at(const Time time) noexcept { return When(time); }

When When::between(const Time start, const Time end) {
  When when(start);
  when.end_ = end;
  if (!detail::is_reversed(start, end)) return when;
  throw Error(ErrorKind::Malformed, {}, "the scope " + to_string(when) + " ends before it starts");
}

When When::lasting(const Time start, const Duration duration) {
  if (!detail::is_whole_seconds(duration)) {
    throw Error(ErrorKind::Malformed, {},
                "a duration is whole seconds, not " + std::to_string(duration.count()) + " us");
  }
  When when(start);
  when.duration_ = duration;
  return when;
}

When When::every(const Duration period) const {
  if (is_singleton() || is_repeated()) {
    throw Error(ErrorKind::Malformed, {},
                "the scope " + to_string(*this) + " is no range that takes a period");
  }
  if (!detail::is_whole_seconds(period) || period == Duration::zero()) {
    throw Error(
        ErrorKind::Malformed, {},
        "a period is whole seconds, 1 or more, not " + std::to_string(period.count()) + " us");
  }
  When when = *this;
  when.period_ = period;
  return when;
}

When When::inner() const noexcept {
  if (!repeated_) return *this;
  When when(Time::now());
  when.duration_ = inner_duration_;
  when.period_ = inner_period_;
  return when;
}

bool When::has_no_end() const noexcept {
  return end_ == Time::future() || duration_ == kWithoutEnd;
}

bool When::is_immediate() const noexcept { return start_.is_now(); }

bool When::is_forever() const noexcept { return has_no_end(); }

bool When::is_future() const noexcept {
  return is_singleton() ? start_.is_future() : start_.is_now() && has_no_end();
}

bool When::is_past() const noexcept { return start_.is_past() && end_ == Time::now(); }

bool When::is_infinite() const noexcept { return start_.is_past() && has_no_end(); }

bool When::is_definite() const noexcept {
  return start_.is_definite() && (!end_ || end_->is_definite()) && !has_no_end();
}

bool When::is_singleton() const noexcept { return !end_ && !duration_; }

Interval When::interval(const Instant now) const noexcept {
  const Instant sane_now = std::clamp(now, detail::kFirstInstant, detail::kLastInstant);
  const Time start = start_.at(sane_now);
  if (end_) return {start, end_->at(sane_now)};
  return {start, duration_ ? end_of(start, *duration_) : start};
}

std::optional<Duration> When::length(const Instant now) const noexcept {
  const auto [start, end] = interval(now);
  if (!start.is_definite() || !end.is_definite()) return std::nullopt;
  return end.instant() - start.instant();
}

TimerDelays When::timer_delays(const Instant now) const noexcept {
  const auto [start, end] = interval(now);
  TimerDelays delays;
  if (end < Time(now) || start.is_future()) return delays;
  delays.start = start <= Time(now) ? Duration::zero() : between_times(now, start);
  if (!is_singleton() && !end.is_future()) delays.end = between_times(now, end);
  return delays;
}

Duration When::distance(const Time time, const Instant now) const noexcept {
  const auto [start, end] = interval(now);
  const Time then = time.at(now);
  const bool covers_nothing = end < start;
  if (then > end) return between_times(end, then);
  if (then >= start && !covers_nothing) return Duration::zero();
  const Duration until_start = between_times(then, start);
  return until_start == Duration::max() ? Duration::min() : -until_start;
}

std::optional<Duration> When::effective_period() const noexcept {
  return repeated_ ? inner_period_ : period_;
}

bool When::follows(const When& capability, const Instant now) const noexcept {
  const std::optional<Duration> offered = capability.effective_period();
  const std::optional<Duration> asked = effective_period();
  if (offered.has_value() != asked.has_value() || (offered && *asked < *offered)) return false;
  const auto [start, end] = interval(now);
  return capability.contains(start, now) && capability.contains(end, now);
}

}  // namespace mplane
