#pragma once

#include "mplane/model/specification.hpp"
#include "mplane/model/time.hpp"
#include "mplane/scheduler/policy.hpp"

#include <cstdint>

namespace mplane::detail {

/// How the starts of one job are handled: as its service's policy says, but for what its
/// specification may choose by its metadata. A value.
struct Wishes {
  Overlap overlap = Overlap::Skip;
  Missed missed = Missed::Skip;
  bool tell_lateness = false;
  bool marks = false;  ///< whether results can carry what is said of their run: their registry does
  std::uint32_t max_results = UINT32_MAX;
  Duration slip{0};  ///< at most
};

/// @throws Error{Invalid} at `metadata/schedule.…` for what it may not choose, or is no choice.
Wishes wishes_of(const Specification& specification, const ServicePolicy& policy);
/// The same for one that was accepted before the operator changed his mind: as the policy says now,
/// where it may not choose any more.
Wishes wishes_of_accepted(const Specification& specification, const ServicePolicy& policy);

}  // namespace mplane::detail
