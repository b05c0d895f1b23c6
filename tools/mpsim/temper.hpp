#pragma once

#include "options.hpp"

#include <cstddef>
#include <cstdint>

namespace mplane {

/// How a component behaves.
enum class Temper : std::uint8_t { Honest, Flapping, Slow, Lying, Dying };

/// That of the component with this number: by lot, the same for the same seed, whatever the number
/// of workers.
Temper temper_of(std::size_t component, const Misbehaviour& parts, std::uint64_t seed) noexcept;

}  // namespace mplane
