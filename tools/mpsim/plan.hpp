#pragma once

#include "options.hpp"

#include <cstddef>
#include <vector>

namespace mplane {

/// The components that one worker plays: `count` from number `first` on, from 0.
struct WorkerShare {
  std::size_t first = 0;
  std::size_t count = 0;

  friend bool operator==(const WorkerShare&, const WorkerShare&) = default;
};

/// What this machine gives.
struct MachineLimits {
  std::size_t descriptors = 0;  ///< of one process
  std::size_t ports = 0;        ///< of one source address
  std::size_t cores = 1;
};

/// At most so many connections has a worker; a component has up to two.
inline constexpr std::size_t kWorkerConnections = 15'000;
inline constexpr std::size_t kConnectionsEach = 2;

/// Asks the system, and has it allow as many descriptors as a worker can use, if it lets us.
MachineLimits take_limits();

/// Divides a fleet among workers: no more than needed, but one for each core when there is work
/// for it. `sources` 0: the system chooses one address.
/// @throws Error{Configuration} naming the limit that does not allow for it.
std::vector<WorkerShare> divide(std::size_t components, std::size_t sources,
                                const MachineLimits& limits);

}  // namespace mplane
