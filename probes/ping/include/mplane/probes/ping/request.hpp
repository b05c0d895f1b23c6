#pragma once

#include "mplane/model/address.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/model/time.hpp"
#include "mplane/probes/ping/settings.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace mplane {

/// The payload of an echo request in bytes: the ICMP message of the customary one has 64.
inline constexpr std::size_t kUsualEchoPayload = 56;
/// The longest: it fills an IPv4 packet of 1,500.
inline constexpr std::size_t kLargestEchoPayload = 1472;

/// One ping to be run: packets to one target at a steady pace. A value.
struct PingRequest {
  Address source;       ///< an address of this host, to send from
  Address destination;  ///< of the same family
  std::uint32_t count = 1;
  Duration interval = std::chrono::seconds(1);  ///< between starts of packets, above 0
  Duration wait = std::chrono::seconds(1);      ///< for the reply to each
  std::size_t payload = kUsualEchoPayload;      ///< bytes behind the ICMP header, 16 or more
  std::optional<std::uint8_t> hop_limit = {};   ///< time to live; else the system's
  std::uint8_t traffic_class = 0;               ///< as on the wire: DSCP in its upper six bits
};

/// Reads what a specification that a ping capability accepted asks for. Its scope says how many
/// packets: one for a single time; for a range those that start within it, its end not counted
/// (`now + 3s / 1s` starts at 0, 1 and 2 s); without an end as many as the settings allow. A train
/// has parameters that say how many packets, how far apart, how long and with what headers; the
/// scope says when it starts.
/// Pure: nothing is sent or looked up.
/// @param now when the run starts.
/// @throws Error{Invalid} naming the parameter that is no host of the family, or no unicast one.
PingRequest parse_ping_request(const Specification& specification, const PingSettings& settings,
                               Instant now);

}  // namespace mplane
