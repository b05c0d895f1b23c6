#pragma once

#include "mplane/model/capability.hpp"
#include "mplane/model/specification.hpp"

namespace mplane::detail {

/// Whether values and scope of a specification fit a capability of the same verb and schema: what
/// is left to compare when an index has found it by those.
bool fits(const Capability& capability, const Specification& specification, Instant now) noexcept;

}  // namespace mplane::detail
