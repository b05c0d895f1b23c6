#pragma once

#include "mplane/client/client_listener.hpp"
#include "mplane/supervisor/composition.hpp"

#include <string>
#include <vector>

namespace mplane::detail {

/// Whether a component has one of these names, in which `*` stands for any text, or there are none.
bool is_named(const Registration& offer, const std::vector<std::string>& patterns);

/// All offers of the components that a sample has, in their order; all when there is none. By the
/// seed and the components' names alone, so that neither the order in which they came nor one that
/// comes or goes changes the choice of others more than it must.
std::vector<Registration> drawn(std::vector<Registration> offers, const Lots& lots);

}  // namespace mplane::detail
