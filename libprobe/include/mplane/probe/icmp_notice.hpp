#pragma once

#include "mplane/model/address.hpp"
#include "mplane/probe/icmp_packet.hpp"

#include <cstdint>
#include <optional>

namespace mplane {

/// An ICMP error about a packet of ours, as a socket's error queue tells it. A value.
struct IcmpNotice {
  Address reporter;
  std::uint8_t type = 0;  ///< as on the wire
  std::uint8_t code = 0;  ///< as on the wire
};

/// The next ICMP error in a socket's error queue, of whatever kind the socket is (IP_RECVERR,
/// IPV6_RECVERR); nothing if there is none. Never blocks.
std::optional<IcmpNotice> take_notice(int descriptor);

/// Whether an error says that a firewall or an administrator does not want the packet (RFC 1122
/// section 3.2.2.1, RFC 1812 section 5.2.7.1, RFC 4443 section 3.1).
bool is_prohibition(IpFamily family, const IcmpNotice& notice) noexcept;

/// Whether an error says that nobody listens at the port (RFC 792, RFC 4443 section 3.1).
bool is_port_unreachable(IpFamily family, const IcmpNotice& notice) noexcept;

}  // namespace mplane
