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

}  // namespace mplane::detail
