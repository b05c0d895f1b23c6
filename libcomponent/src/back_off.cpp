#include "mplane/component/detail/back_off.hpp"

#include <algorithm>

namespace mplane::detail {

Duration BackOff::after_failure() {
  constexpr unsigned kMostDoublings = 20;
  const Duration whole =
      std::min(last_, first_ * (std::int64_t{1} << std::min(failures_, kMostDoublings)));
  ++failures_;
  return between(whole / 2, whole);
}

Duration BackOff::around(const Duration interval) {
  return between(interval - interval / 10, interval + interval / 10);
}

Duration BackOff::between(const Duration least, const Duration most) {
  return Duration(
      std::uniform_int_distribution<std::int64_t>(least.count(), most.count())(random_));
}

Duration asked_pause(const std::string_view retry_after) {
  constexpr std::int64_t kLongest = 3600;
  const bool is_number =
      !retry_after.empty() && retry_after.find_first_not_of("0123456789") == std::string_view::npos;
  if (!is_number) return Duration(0);
  std::int64_t seconds = 0;
  for (const char digit : retry_after) {
    seconds = std::min(kLongest, 10 * seconds + (digit - '0'));
  }
  return std::chrono::seconds(seconds);
}

}  // namespace mplane::detail
