#include "mplane/component/detail/hourly_count.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace mplane::detail {
namespace {

std::uint64_t sum(const std::uint64_t a, const std::uint64_t b) {
  return b > std::numeric_limits<std::uint64_t>::max() - a
             ? std::numeric_limits<std::uint64_t>::max()
             : a + b;
}

std::int64_t minute_of(const HourlyCount::Time time) {
  return std::chrono::floor<std::chrono::minutes>(time).count();
}

}  // namespace

/// What was counted in a minute, of those that are kept.
std::uint64_t HourlyCount::of(const std::int64_t minute) const {
  if (minute > newest_ || minute < 0) return 0;
  return minutes_[static_cast<std::size_t>(minute % kKept)];
}

std::uint64_t HourlyCount::used(const Time now) const {
  const std::int64_t minute = minute_of(now);
  std::uint64_t used = 0;
  for (std::int64_t age = 0; age < kKept; ++age) used = sum(used, of(minute - age));
  return used;
}

void HourlyCount::add(const std::uint64_t amount, const Time now) {
  const std::int64_t minute = minute_of(now);
  newest_ = std::max(newest_, minute - kKept);  // all before is void
  while (newest_ < minute) minutes_[static_cast<std::size_t>(++newest_ % kKept)] = 0;
  std::uint64_t& count = minutes_[static_cast<std::size_t>(minute % kKept)];
  count = sum(count, amount);
}

void HourlyCount::take_back(const std::uint64_t amount, const Time then) {
  const std::int64_t minute = minute_of(then);
  if (minute > newest_ || minute <= newest_ - kKept) return;  // it went by itself
  std::uint64_t& count = minutes_[static_cast<std::size_t>(minute % kKept)];
  count -= std::min(count, amount);
}

std::optional<std::chrono::minutes> HourlyCount::room_for(const std::uint64_t amount,
                                                          const std::uint64_t limit,
                                                          const Time now) const {
  if (amount > limit) return {};
  const std::int64_t minute = minute_of(now);
  std::uint64_t left = 0;
  std::int64_t age = 0;  // of the first minute, going back, with which it is too much
  while (age < kKept && (left = sum(left, of(minute - age))) <= limit - amount) ++age;
  return std::chrono::minutes(kKept - age);
}

}  // namespace mplane::detail
