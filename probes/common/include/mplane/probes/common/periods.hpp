#pragma once

#include "mplane/model/time.hpp"
#include "mplane/model/when.hpp"

#include <cstdint>

namespace mplane {

/// How many periods start in what is left of a scope, its end not counted: one for a single time,
/// 3 for `now + 3s / 1s`; as many as allowed without an end.
std::uint32_t count_periods(const When& when, Duration period, std::uint32_t most, Instant now);

}  // namespace mplane
