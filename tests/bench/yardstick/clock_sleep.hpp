#pragma once

#include <chrono>
#include <vector>

namespace yardstick {

/// Sleeps to one instant after the other with clock_nanosleep, and tells how late it woke up.
std::vector<std::chrono::nanoseconds> sleep_lateness(
    const std::vector<std::chrono::system_clock::time_point>& instants);

}  // namespace yardstick
