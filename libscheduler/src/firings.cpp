#include "firings.hpp"

#include <algorithm>
#include <bit>
#include <chrono>

namespace mplane::detail {
namespace {

using Seconds = std::chrono::seconds;
using Days = std::chrono::duration<std::int64_t, std::ratio<86'400>>;

/// Numbers from 0 to 59 as bits.
class Numbers {
 public:
  void add(unsigned number) noexcept { bits_ |= std::uint64_t{1} << number; }
  std::uint64_t size() const noexcept { return static_cast<std::uint64_t>(std::popcount(bits_)); }
  bool has(unsigned number) const noexcept { return (bits_ >> number & 1U) != 0; }
  std::uint64_t below(unsigned number) const noexcept {
    const std::uint64_t those = (std::uint64_t{1} << number) - 1;
    return static_cast<std::uint64_t>(std::popcount(bits_ & those));
  }
  /// The one before which there are so many.
  unsigned at(std::uint64_t index) const noexcept {
    std::uint64_t left = bits_;
    for (; index > 0; --index) left &= left - 1;
    return static_cast<unsigned>(std::countr_zero(left));
  }

 private:
  std::uint64_t bits_ = 0;
};

/// The times of day at which a crontab fires, on the days on which it does: the same on each, every
/// hour with every minute with every second.
class TimesOfDay {
 public:
  TimesOfDay(const Crontab& crontab, Instant firing) noexcept {
    const Instant midnight = std::chrono::floor<Days>(firing);
    const auto time = std::chrono::floor<Seconds>(firing - midnight);
    const auto hour = std::chrono::floor<std::chrono::hours>(time);
    const auto minute = std::chrono::floor<std::chrono::minutes>(time - hour);
    for (unsigned i = 0; i < 60; ++i) {
      if (i < 24 && crontab.matches(firing - hour + std::chrono::hours(i))) hours_.add(i);
      if (crontab.matches(firing - minute + std::chrono::minutes(i))) minutes_.add(i);
      if (crontab.matches(midnight + hour + minute + Seconds(i))) seconds_.add(i);
    }
  }

  /// How many there are before a time.
  std::uint64_t before(Seconds time) const noexcept {
    const auto seconds = static_cast<unsigned>(time.count());
    const unsigned hour = seconds / 3600;
    const unsigned minute = seconds / 60 % 60;
    std::uint64_t count = hours_.below(hour) * minutes_.size() * seconds_.size();
    if (!hours_.has(hour)) return count;
    count += minutes_.below(minute) * seconds_.size();
    return minutes_.has(minute) ? count + seconds_.below(seconds % 60) : count;
  }
  /// The one before which there are so many.
  Seconds at(std::uint64_t index) const noexcept {
    const std::uint64_t in_hour = index % (minutes_.size() * seconds_.size());
    return std::chrono::hours(hours_.at(index / (minutes_.size() * seconds_.size()))) +
           std::chrono::minutes(minutes_.at(in_hour / seconds_.size())) +
           Seconds(seconds_.at(in_hour % seconds_.size()));
  }

 private:
  Numbers hours_;
  Numbers minutes_;
  Numbers seconds_;
};

}  // namespace

Firings count_firings(const Crontab& crontab, Instant from, Instant to) noexcept {
  const TimesOfDay times(crontab, from);
  Firings firings;
  for (std::optional<Instant> next = from; next && *next <= to;) {
    const Instant midnight = std::chrono::floor<Days>(*next);
    const auto begin = std::chrono::floor<Seconds>(*next - midnight);
    const auto end =
        std::min<Seconds>(std::chrono::floor<Seconds>(to - midnight) + Seconds(1), Days(1));
    const std::uint64_t up_to = times.before(end);
    firings.count += up_to - times.before(begin);
    firings.last = midnight + times.at(up_to - 1);
    next = crontab.next(midnight + Days(1));
  }
  return firings;
}

}  // namespace mplane::detail
