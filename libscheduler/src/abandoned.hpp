#pragma once

#include <string_view>

namespace mplane::detail {

/// What a completion says that was destroyed uncalled.
inline constexpr std::string_view kAbandoned = "abandoned";

}  // namespace mplane::detail
