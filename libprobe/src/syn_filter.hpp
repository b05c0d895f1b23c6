#pragma once

#include "mplane/probe/icmp_packet.hpp"

#include <cstdint>

namespace mplane::detail {

/// The ports of what is sent: an answer has them the other way round.
struct Ports {
  std::uint16_t own = 0;
  std::uint16_t target = 0;
};

/// Has the kernel hand to a raw TCP socket only SYN-ACKs and resets that are for these ports; else
/// every segment of the host it speaks to is copied to it. What came before this call is still in
/// the socket's buffer.
/// @return whether the kernel took it. @post errno, if not.
bool filter_syn_answers(int descriptor, IpFamily family, const Ports& ports) noexcept;

/// The same for a raw ICMP socket and errors about segments with these ports.
bool filter_syn_failures(int descriptor, IpFamily family, const Ports& ports) noexcept;

}  // namespace mplane::detail
