#pragma once

#include "gate.hpp"
#include "mplane/scheduler/service.hpp"

#include <cstddef>
#include <utility>

namespace mplane::detail {

/// A service that is, or was, offered: its jobs hold it as long as they last.
struct Offer {
  explicit Offer(Service offered)
      : service(std::move(offered)), gate(service.policy.max_running, Reason::ServiceLimit) {}

  bool is_synchronous() const noexcept {
    return !service.immediate && std::holds_alternative<Run>(service.run);
  }

  const Service service;
  // Guarded by the planner.
  Gate gate;
  std::size_t jobs = 0;  // planned or running
};

}  // namespace mplane::detail
