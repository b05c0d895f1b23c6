#pragma once

#include "mplane/model/address.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/model/time.hpp"
#include "mplane/probes/ping/settings.hpp"

#include <chrono>
#include <cstdint>

namespace mplane {

/// One ping to be run: packets to one target at a steady pace. A value.
struct PingRequest {
  Address source;       ///< an address of this host, to send from
  Address destination;  ///< of the same family
  std::uint32_t count = 1;
  Duration interval = std::chrono::seconds(1);  ///< between starts of packets, above 0
  Duration wait = std::chrono::seconds(1);      ///< for the reply to each
};

/// Reads what a specification that a ping capability accepted asks for. Its scope says how many
/// packets: one for a single time; for a range those that start within it, its end not counted
/// (`now + 3s / 1s` starts at 0, 1 and 2 s); without an end as many as the settings allow.
/// Pure: nothing is sent or looked up.
/// @param now when the run starts.
/// @throws Error{Invalid} naming the parameter that is no host of the family, or no unicast one.
PingRequest parse_ping_request(const Specification& specification, const PingSettings& settings,
                               Instant now);

}  // namespace mplane
