#pragma once

#include "mplane/probe/file_descriptor.hpp"
#include "mplane/probe/icmp_packet.hpp"

#include <cstdint>
#include <sys/socket.h>

namespace mplane {

/// A socket that never blocks and that programs do not inherit; none, with errno, if the system
/// refuses it. @param type SOCK_STREAM, SOCK_DGRAM or SOCK_RAW.
FileDescriptor open_socket(IpFamily family, int type, int protocol = 0) noexcept;

/// The same, bound to a port at all addresses of this host; of IPv6 to that family alone.
/// @param port 0 has the system choose.
FileDescriptor bind_anywhere(IpFamily family, int type, std::uint16_t port) noexcept;

/// @return whether the system has taken it, else errno says why.
template <typename Option>
bool set_option(int descriptor, int level, int name, const Option& option) noexcept {
  return ::setsockopt(descriptor, level, name, &option, sizeof option) == 0;
}

/// Room for what has arrived and was not yet taken, in bytes; as much of it as the system gives to
/// whom it does not trust.
void want_receive_buffer(int descriptor, int bytes) noexcept;

/// How many messages were dropped so far because there was no room for them, or because their
/// checksums were wrong; counts on from 2^32 as from 0. 0 before Linux 4.12.
std::uint32_t messages_dropped(int descriptor) noexcept;

/// The error that a socket met since it was last asked, as errno (SO_ERROR); 0 if there was none.
int take_error(int descriptor) noexcept;

/// Whether a socket of TCP has asked for a connection that does not stand yet.
bool is_connecting(int descriptor) noexcept;

/// Has ICMP errors about what a socket sends queued with who sent them (`take_notice`).
bool queue_errors(int descriptor, IpFamily family) noexcept;

/// Has queued errors say where their extensions begin (RFC 4884). Takes Linux 5.9, as do errors
/// about attempts to connect.
bool queue_extensions(int descriptor, IpFamily family) noexcept;

/// Has the kernel stamp what arrives, errors included.
bool stamp_received(int descriptor) noexcept;

/// The same, and what is sent, but for TCP: those stamps come by the error queue, and count what
/// the socket sent from here on. @return whether both will be.
bool stamp_both(int descriptor) noexcept;

/// The same, or what arrives at least.
bool stamp_packets(int descriptor) noexcept;

}  // namespace mplane
