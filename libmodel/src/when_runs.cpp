// The runs of a repeated scope: when the next one starts, and what it is.

#include "mplane/model/error.hpp"
#include "mplane/model/when.hpp"
#include "time_reader.hpp"

#include <algorithm>

namespace mplane {
namespace {

// The first point at or after `from` of the grid that starts at an anchor. Nothing after the year
// 9999.
std::optional<Instant> next_on_grid(const Instant anchor, const Duration period,
                                    const Instant from) noexcept {
  if (from <= anchor) return anchor;
  const Duration passed = from - anchor;
  const Duration since_point = passed % period;
  if (since_point == Duration::zero()) return from;
  const Duration until_point = period - since_point;
  if (until_point > detail::kLastInstant - from) return std::nullopt;
  return from + until_point;
}

}  // namespace

std::optional<Instant> When::next_start(const Instant from, const Instant now) const noexcept {
  const auto [start, end] = interval(now);
  const Time anchor =
      start.is_past() ? Time(std::clamp(now, detail::kFirstInstant, detail::kLastInstant)) : start;
  if (!repeated_ || anchor.is_future() || from > detail::kLastInstant) return std::nullopt;
  const std::optional<Instant> next = crontab_ ? crontab_->next(std::max(from, anchor.instant()))
                                               : next_on_grid(anchor.instant(), *period_, from);
  return next && Time(*next) <= end ? next : std::nullopt;
}

std::vector<Instant> When::starts(const Instant from, const Instant now,
                                  const std::size_t limit) const {
  std::vector<Instant> starts;
  std::optional<Instant> next = next_start(from, now);
  while (next && starts.size() < limit) {
    starts.push_back(*next);
    next = next_start(*next + Duration(1), now);
  }
  return starts;
}

When When::run_at(const Instant start) const noexcept {
  When run = inner();
  if (run.start_.is_now()) run.start_ = start;
  if (run.end_ == Time::now()) run.end_ = start;
  return run;
}

When When::resolved(const Instant now) const {
  When when = end_ ? between(start_.at(now), end_->at(now)) : *this;
  when.start_ = start_.at(now);
  when.period_ = period_;
  when.repeated_ = repeated_;
  when.inner_duration_ = inner_duration_;
  when.inner_period_ = inner_period_;
  when.crontab_ = crontab_;
  return when;
}

When When::outer(const Instant now) const {
  const auto [start, end] = interval(now);
  When when = between(start, end);
  when.period_ = period_;
  return when;
}

}  // namespace mplane
