#pragma once

#include <cstdint>

namespace mplane::detail {

/// The place of an entry among all that were recorded for the journal; 0 is before the first.
using Position = std::uint64_t;
inline constexpr Position kEveryPosition = UINT64_MAX;

}  // namespace mplane::detail
