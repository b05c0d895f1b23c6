#include "mplane/probe/local_address.hpp"

#include "mplane/probe/file_descriptor.hpp"
#include "mplane/probe/socket.hpp"
#include "mplane/probe/socket_address.hpp"

#include <sys/socket.h>

namespace mplane {

Address default_source(IpFamily family) {
  const bool ip4 = family == IpFamily::Ip4;
  // Addresses of documentation (RFC 5737, RFC 3849): nobody's, hence behind the default route.
  const auto world = SocketAddress::of(ip4 ? Address(Ip4({192, 0, 2, 1}))
                                           : Address(Ip6({0x20, 0x01, 0x0d, 0xb8})));
  const FileDescriptor socket = open_socket(family, SOCK_DGRAM);
  // Connecting a datagram socket chooses the route, and with it the source; that is all it does.
  if (socket && ::connect(socket.number(), world.data(), world.length) == 0) {
    if (const auto local = local_endpoint(socket.number())) return local->host;
  }
  if (ip4) return Ip4({127, 0, 0, 1});
  return Ip6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
}

bool is_local(const Address& address) {
  const FileDescriptor socket = open_socket(family_of(address), SOCK_DGRAM);
  const auto local = SocketAddress::of(address);
  return socket && ::bind(socket.number(), local.data(), local.length) == 0;
}

}  // namespace mplane
