#include "mplane/scheduler/lateness.hpp"

#include <algorithm>
#include <bit>

namespace mplane {

void Lateness::record(std::chrono::nanoseconds late) noexcept {
  late = std::max(late, std::chrono::nanoseconds(0));
  const auto whole = static_cast<std::uint64_t>((late.count() + 999) / 1000);  // microseconds, up
  const std::uint64_t index = whole <= 1 ? 0 : std::bit_width(whole - 1);
  ++buckets_[std::min<std::uint64_t>(index, kBuckets - 1)];
  ++count_;
  sum_ += late;
  max_ = std::max(max_, late);
}

std::chrono::nanoseconds Lateness::bound(std::size_t index) noexcept {
  if (index + 1 >= kBuckets) return std::chrono::nanoseconds::max();
  return std::chrono::microseconds(std::int64_t{1} << index);
}

std::chrono::nanoseconds Lateness::quantile(double share) const noexcept {
  const double wanted = share * static_cast<double>(count_);
  std::uint64_t reached = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    reached += buckets_[i];
    if (reached > 0 && static_cast<double>(reached) >= wanted) return std::min(bound(i), max_);
  }
  return max_;
}

}  // namespace mplane
