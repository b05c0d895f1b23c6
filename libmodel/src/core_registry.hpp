#pragma once

#include <string_view>

namespace mplane::detail {

/// The text of registry/core.json, embedded when the library was built.
std::string_view core_registry_json() noexcept;

}  // namespace mplane::detail
