#pragma once

#include "mplane/model/capability.hpp"
#include "mplane/model/when.hpp"

namespace mplane {

/// The scope to ask for when the user names none: of what is past (a query) all of it up to now; of
/// what has a period five of them, from now; else now.
When default_scope(const Capability& capability, Instant now);

}  // namespace mplane
