#pragma once

#include "mplane/model/registry.hpp"

#include <string_view>

namespace mplane {

/// The registry that names what probes take and yield, beside the core's: registry/probes.json.
inline constexpr std::string_view kProbesRegistryUri = "urn:mplane-cpp:registry/probes";

/// That registry, as the given one knows it.
/// @throws Error{Configuration} naming the module that cannot do without it.
const Registry& probes_registry(const Registry& registry, std::string_view module);

}  // namespace mplane
