#pragma once

#include "mplane/model/address.hpp"
#include "mplane/probe/icmp_packet.hpp"

namespace mplane {

/// The address from which the kernel sends to the world: the one its default route has, without a
/// route the loopback's. Sends nothing.
Address default_source(IpFamily family);

/// Whether this host has that address now.
bool is_local(const Address& address);

}  // namespace mplane
