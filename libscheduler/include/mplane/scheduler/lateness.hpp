#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace mplane {

/// How late starts were: a histogram whose bounds double from 1 µs to 67 s. A value.
class Lateness {
 public:
  static constexpr std::size_t kBuckets = 28;  ///< the last one has no bound

  /// Counts a start. Too early counts as in time.
  void record(std::chrono::nanoseconds late) noexcept;

  std::uint64_t count() const noexcept { return count_; }
  std::chrono::nanoseconds sum() const noexcept { return sum_; }
  std::chrono::nanoseconds max() const noexcept { return max_; }
  /// The starts that were at most this bucket's bound late, and more than the bucket's before.
  std::uint64_t bucket(std::size_t index) const noexcept { return buckets_[index]; }
  /// 1 µs, 2 µs, 4 µs, …; of the last bucket the longest time there is.
  static std::chrono::nanoseconds bound(std::size_t index) noexcept;
  /// The bound of the bucket in which that share (0 to 1) of the starts is reached, but not more
  /// than the latest; 0 when nothing was counted.
  std::chrono::nanoseconds quantile(double share) const noexcept;

  friend bool operator==(const Lateness&, const Lateness&) noexcept = default;

 private:
  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::chrono::nanoseconds sum_{0};
  std::chrono::nanoseconds max_{0};
};

}  // namespace mplane
