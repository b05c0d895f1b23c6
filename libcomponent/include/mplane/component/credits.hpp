#pragma once

#include "mplane/model/specification.hpp"
#include "mplane/model/time.hpp"
#include "mplane/scheduler/policy.hpp"
#include "mplane/scheduler/scheduler.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace mplane {

/// As many packets as one likes.
inline constexpr std::uint64_t kAnyPackets = std::numeric_limits<std::uint64_t>::max();

/// What clients may have, each for itself. A value.
struct Credit {
  std::string identity;                            ///< of clients; `*` for any text
  std::size_t specifications_per_hour = kNoLimit;  ///< accepted
  std::size_t measurements = kNoLimit;             ///< specifications planned or running
  std::uint64_t packets_per_hour = kAnyPackets;    ///< of its runs, counted when they start
};

/// How many packets one period of a run counts for. A value.
struct PacketCost {
  std::string label;  ///< of capabilities; `*` for any text
  std::uint64_t packets = 1;
};

/// The operator's word on both. A value.
struct CreditOptions {
  std::vector<Credit> clients = {};    ///< the first that matches counts; others have no limit
  std::vector<PacketCost> costs = {};  ///< the same; one packet for others
};

/// How many packets a run of a specification sends, as far as it says so itself: the periods in its
/// scope (one without a period), times its parameter `train.packets`, if it has that. Nothing when
/// its scope has no end. Of a repeated specification one run counts.
std::optional<std::uint64_t> packets_of(const Specification& specification, Instant now);

}  // namespace mplane
