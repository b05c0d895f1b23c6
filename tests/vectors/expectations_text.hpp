#pragma once

#include <string_view>

namespace mplane::detail {

/// The text of expectations.json, embedded when the program was built.
std::string_view expectations_text() noexcept;

}  // namespace mplane::detail
