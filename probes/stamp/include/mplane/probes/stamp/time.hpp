#pragma once

#include "mplane/probe/icmp_socket.hpp"
#include "mplane/probe/kernel_clock.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace mplane {

/// A time as a STAMP packet carries it. By default in the NTP format (RFC 5905 section 6): seconds
/// since 1900, and 1/2^32 of them; or in the truncated PTPv2 format (RFC 8186): seconds since 1970
/// and nanoseconds. Which one, the packet's error estimate says. A value.
struct StampTime {
  std::uint32_t seconds = 0;
  std::uint32_t fraction = 0;

  /// In the NTP format, rounded to its unit of 0.23 ns.
  static StampTime ntp(WallTime time) noexcept;

  friend bool operator==(const StampTime&, const StampTime&) = default;
};

/// The time that a packet means, in the era that has it closest to another time: both formats begin
/// anew after 136 years (NTP in 2036). PTP's seconds are taken as they are, though they may be TAI.
WallTime wall_time(StampTime time, bool ptp, WallTime near) noexcept;

/// What a packet says of the clock that stamped it (RFC 8762 section 4.2.1, RFC 4656
/// section 4.1.2):
///
///      0 1 2             7 8             15
///     +-+-+---------------+----------------+
///     |S|Z|     scale     |   multiplier   |     error = multiplier × 2^(scale-32) seconds
///     +-+-+---------------+----------------+
///
/// A value.
struct ErrorEstimate {
  bool synchronized = false;    ///< S: kept in time with UTC by somebody
  bool ptp = false;             ///< Z: the times beside it are in the PTPv2 format
  std::uint8_t scale = 0;       ///< 0 to 63
  std::uint8_t multiplier = 1;  ///< 0 is not allowed: such a packet is corrupt

  /// The bound that the kernel gives (maxerror of adjtimex), rounded up; of a clock that nobody
  /// knows anything about, the greatest error there is.
  static ErrorEstimate of(const std::optional<KernelClock>& clock) noexcept;
  static ErrorEstimate decode(std::uint16_t bits) noexcept;
  std::uint16_t encode() const noexcept;

  /// At most 2^40 seconds, rounded up.
  std::chrono::microseconds bound() const noexcept;

  friend bool operator==(const ErrorEstimate&, const ErrorEstimate&) = default;
};

}  // namespace mplane
