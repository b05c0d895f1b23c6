#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace yardstick {

/// Compares `wanted` with each of the keys, as one finds a service by a hash of its schema in a
/// list. How many are equal.
std::size_t count_equal(const std::vector<std::string>& keys, std::string_view wanted);

}  // namespace yardstick
