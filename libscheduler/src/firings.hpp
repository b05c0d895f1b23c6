#pragma once

#include "mplane/model/crontab.hpp"

#include <cstdint>

namespace mplane::detail {

/// How often a crontab fires in a stretch of time, and when the last time.
struct Firings {
  std::uint64_t count = 0;
  Instant last{};
};

/// Of a crontab that fires at `from`, to `to`, both included. By the day: fifty years take
/// milliseconds, however often it fires.
Firings count_firings(const Crontab& crontab, Instant from, Instant to) noexcept;

}  // namespace mplane::detail
