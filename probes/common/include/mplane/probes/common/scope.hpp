#pragma once

#include "mplane/model/time.hpp"
#include "mplane/model/when.hpp"

#include <cstdint>
#include <optional>

namespace mplane {

/// How much of a scope is left, of one that is yet to begin all of it; 0 of one that has ended and
/// of a single time; nothing of a scope without an end.
std::optional<Duration> time_left(const When& when, Instant now);

/// How many periods start in what is left of a scope, its end not counted: one for a single time,
/// 3 for `now + 3s / 1s`; nothing of a scope without an end.
std::optional<std::uint64_t> count_periods(const When& when, Duration period, Instant now);

}  // namespace mplane
