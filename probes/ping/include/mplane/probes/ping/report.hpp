#pragma once

#include "mplane/model/time.hpp"
#include "mplane/probe/icmp_packet.hpp"
#include "mplane/probe/round_trip.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace mplane {

/// One packet whose fate is known.
struct PingSample {
  Instant sent;
  std::optional<Duration> delay;  ///< whole microseconds; nothing if it was lost
};

/// What one ping came to. Packets whose reply was still waited for when it was stopped are not in
/// it. A value.
struct PingReport {
  Instant first;                    ///< start of the first packet; without any, of the run
  Instant last;                     ///< start of the last packet
  std::vector<PingSample> samples;  ///< in the order of sending
  std::uint32_t duplicates = 0;     ///< replies beyond the first to a packet
  std::uint32_t late = 0;           ///< replies to packets that were lost by then
  std::uint32_t failures = 0;       ///< packets lost to an ICMP error or the lack of a route
  /// What the delays were computed from, counted by DelayStamps.
  std::array<std::uint32_t, 3> stamps{};
};

}  // namespace mplane
