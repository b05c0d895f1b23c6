#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace mplane::detail {

/// How much there was within the last hour. What was counted goes an hour later, or up to a minute
/// after that, so that no hour ever has more. One thread at a time.
class HourlyCount {
 public:
  using Time = std::chrono::nanoseconds;  ///< of a clock that never steps

  std::uint64_t used(Time now) const;
  void add(std::uint64_t amount, Time now);
  /// Undoes an `add` of then.
  void take_back(std::uint64_t amount, Time then);
  /// How long until there is room for so much below a limit: zero when there is now, nothing when
  /// there never is.
  std::optional<std::chrono::minutes> room_for(std::uint64_t amount, std::uint64_t limit,
                                               Time now) const;

 private:
  static constexpr std::int64_t kKept = 61;  // of which the first and the last are not whole

  std::uint64_t of(std::int64_t minute) const;

  std::array<std::uint64_t, kKept> minutes_{};
  std::int64_t newest_ = 0;  // minute
};

}  // namespace mplane::detail
