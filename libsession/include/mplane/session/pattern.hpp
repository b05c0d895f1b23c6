#pragma once

#include <string_view>

namespace mplane {

/// Whether a whole text matches a pattern in which `*` stands for any text, also none.
bool matches(std::string_view pattern, std::string_view text) noexcept;

}  // namespace mplane
