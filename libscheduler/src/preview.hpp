#pragma once

#include "mplane/scheduler/plan.hpp"
#include "mplane/scheduler/policy.hpp"
#include "schedule.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace mplane::detail {

/// A run as far as can be known beforehand: a single time ends as it starts, an open scope never.
struct Span {
  Instant start;
  Instant end;
  bool meets(const Span& other) const noexcept {
    return start == other.start || (start < other.end && other.start < end);
  }
};

/// The next runs of a schedule: at most so many, none that starts after `until`.
std::vector<Span> next_runs(const Specification& specification, Schedule schedule, const Now& now,
                            std::size_t most, Instant until = Instant::max());

/// What a job that is planned or runs already takes of the time to come.
struct Occupant {
  std::string label;  ///< of its capability
  std::vector<Span> runs;
  bool exclusive;  ///< it, or the one that looks ahead
  bool same_service;
};

/// What would be in the way of runs of a service with that label and policy: one conflict a run, in
/// their order.
std::vector<Plan::Conflict> conflicts(const std::vector<Span>& runs, const std::string& label,
                                      const ServicePolicy& policy, Overlap overlap,
                                      const std::vector<Occupant>& others);

}  // namespace mplane::detail
