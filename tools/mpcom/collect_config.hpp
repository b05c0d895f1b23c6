#pragma once

#include "mplane/model/registry.hpp"
#include "mplane/mpcom/module.hpp"
#include "mplane/tools/config_section.hpp"

#include <vector>

namespace mplane {

/// The collection of one entry `collect`: results that others post go into a file, a line of JSON
/// each. Its settings are in doc/configuration.md. Mistakes are noted where they are; with one,
/// there is no collection.
std::vector<Collection> read_collect(const Registry& registry, ConfigSection& section);

}  // namespace mplane
