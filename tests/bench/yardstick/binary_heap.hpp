#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace yardstick {

/// Puts (time, pointer) pairs into a plain binary heap, then takes them all out, the earliest
/// first. How many came out not before the one that came out before them.
std::size_t insert_and_expire(const std::vector<std::int64_t>& times);

}  // namespace yardstick
