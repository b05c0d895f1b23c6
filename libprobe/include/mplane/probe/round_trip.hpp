#pragma once

#include "mplane/probe/engine.hpp"
#include "mplane/probe/icmp_socket.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace mplane {

/// The same moment on both clocks: the one that the kernel stamps packets by, and the one that
/// never steps.
struct ClockReading {
  WallTime wall;
  SteadyTime steady;

  /// Reads both within a microsecond or so, trying again when something came between.
  static ClockReading now() noexcept;
};

/// Whether the clock that the kernel stamps by was set between two readings: then stamps of before
/// and after have nothing to do with each other.
bool was_set_between(const ClockReading& before, const ClockReading& after) noexcept;

/// What stamps a delay was computed from.
enum class DelayStamps : std::uint8_t {
  Kernel,         ///< the kernel's at both ends
  KernelReceive,  ///< the kernel's for the reply; sent is when we handed the packet over
  User,           ///< none: from handing over the request to reading the reply
};

/// How long a packet took there and back (RFC 2681).
struct RoundTrip {
  std::chrono::nanoseconds delay{0};
  DelayStamps stamps = DelayStamps::User;
};

/// When a request left.
struct Departure {
  ClockReading handed_over;
  std::optional<WallTime> stamp = {};  ///< the kernel's
};

/// When its reply came.
struct Arrival {
  ClockReading read;
  std::optional<WallTime> stamp = {};  ///< the kernel's
};

/// The delay by the best stamps there are. The kernel stamps by a clock that can be set: when that
/// was stepped in between, or a stamp contradicts what we know, the steady clock's delay is taken,
/// which is longer by what reading the reply took.
RoundTrip round_trip(const Departure& departure, const Arrival& arrival) noexcept;

}  // namespace mplane
