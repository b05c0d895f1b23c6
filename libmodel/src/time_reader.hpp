#pragma once

#include "mplane/model/duration.hpp"
#include "mplane/model/time.hpp"
#include "scanner.hpp"

namespace mplane::detail {

/// The first and the last instant of the years 1 to 9999.
inline constexpr Instant kFirstInstant{Duration(-62'135'596'800'000'000)};
inline constexpr Instant kLastInstant{Duration(253'402'300'799'999'999)};

/// Reads the longest time at the front, as `Time::parse` has it.
Time read_time(Scanner& scanner);

/// Reads the longest duration at the front, as `parse_duration` has it.
Duration read_duration(Scanner& scanner);

}  // namespace mplane::detail
