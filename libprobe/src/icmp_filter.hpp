#pragma once

#include "mplane/probe/icmp_packet.hpp"

#include <cstdint>

namespace mplane::detail {

/// Has the kernel hand to a raw ICMP socket only echo replies with that identifier, and errors
/// about requests with it; else every ICMP packet of the host is copied to every such socket. What
/// came before this call is still in the socket's buffer.
/// @return whether the kernel took it. @post errno, if not.
bool filter_icmp(int descriptor, IpFamily family, std::uint16_t identifier) noexcept;

}  // namespace mplane::detail
