#pragma once

#include "mplane/model/address.hpp"
#include "mplane/probe/icmp_packet.hpp"

#include <cstdint>
#include <optional>

namespace mplane::detail {

/// A packet that an ICMP error quotes, with a view of the error's bytes.
struct QuotedPacket {
  Address destination;
  Bytes content;  ///< behind the IP header; how long it once was does not matter
};

/// Reads the IP header in front of what an ICMP error quotes. Nothing if that is cut short, or the
/// packet is of another protocol.
std::optional<QuotedPacket> quoted_packet(IpFamily family, std::uint8_t protocol,
                                          Bytes quote) noexcept;

}  // namespace mplane::detail
