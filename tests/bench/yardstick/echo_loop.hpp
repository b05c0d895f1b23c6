#pragma once

#include <cstddef>

namespace yardstick {

/// Sends so many ICMP echo requests of 56 bytes of payload to an IPv4 address by sendmmsg, 64 at a
/// time, and takes the replies by recvmmsg, one turn after the other: nothing is checked, matched
/// or stamped. In the network of the calling thread, with a datagram socket. It ends with the last
/// reply, or when none has come for half a second.
/// @return replies a second up to the last one. @throws std::runtime_error, also without a reply.
double echo_loop(const char* target, std::size_t count);

}  // namespace yardstick
