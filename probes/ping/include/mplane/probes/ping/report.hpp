#pragma once

#include "mplane/model/time.hpp"
#include "mplane/probe/icmp_packet.hpp"
#include "mplane/probe/round_trip.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace mplane {

/// What became of a packet.
enum class PacketFate : std::uint8_t {
  Replied,           ///< in time
  Lost,              ///< nothing was heard within the wait (RFC 6673)
  Late,              ///< lost, and then there was a reply
  Unreachable,       ///< a host or router said so
  TooBig,            ///< a router said so
  TimeExceeded,      ///< the hop limit ran out on the way
  ParameterProblem,  ///< somebody did not understand a header
  Unsent,            ///< it could not leave: no route, or no room
};

/// "replied", "lost", "late", "unreachable", "too-big", "time-exceeded", "parameter-problem",
/// "unsent".
std::string_view to_string(PacketFate fate) noexcept;

/// What an ICMP error makes of a packet.
PacketFate fate_after(IcmpTrouble trouble) noexcept;

/// One packet whose fate is known.
struct PingSample {
  Instant sent;
  std::optional<Duration> delay = {};  ///< whole microseconds; nothing if it was lost
  PacketFate fate = PacketFate::Lost;
  std::uint8_t hop_limit = 0;    ///< of the reply as it arrived; 0 if that is not known
  std::uint16_t duplicates = 0;  ///< replies beyond the first
};

/// What one ping came to. Packets whose reply was still waited for when it was stopped are not in
/// it. A value.
struct PingReport {
  Instant first;                    ///< start of the first packet; without any, of the run
  Instant last;                     ///< start of the last packet
  std::vector<PingSample> samples;  ///< in the order of sending
  std::uint32_t duplicates = 0;     ///< replies beyond the first to a packet (RFC 5560)
  std::uint32_t reordered = 0;      ///< replies overtaken by one to a later packet (RFC 4737)
  std::uint32_t late = 0;           ///< replies to packets that were lost by then
  std::uint32_t failures = 0;       ///< packets lost to an ICMP error or the lack of a route
  int send_error = 0;               ///< errno of the first packet that did not leave, else 0
  /// What the delays were computed from, counted by DelayStamps.
  std::array<std::uint32_t, 3> stamps{};
};

}  // namespace mplane
