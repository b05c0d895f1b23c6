#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace mplane {

/// The primitive types of elements (protocol, section 2).
enum class Primitive : std::uint8_t { String, Natural, Real, Boolean, Time, Address, Url };

/// The name that registries use: "natural".
std::string_view to_string(Primitive primitive) noexcept;

/// The primitive of that name, or nothing.
std::optional<Primitive> find_primitive(std::string_view name) noexcept;

}  // namespace mplane
