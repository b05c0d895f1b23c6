#include "mplane/probe/socket.hpp"

#include <netinet/in.h>

namespace mplane {

FileDescriptor open_socket(IpFamily family, int type, int protocol) noexcept {
  return FileDescriptor(::socket(family == IpFamily::Ip4 ? AF_INET : AF_INET6,
                                 type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
}

bool queue_errors(int descriptor, IpFamily family) noexcept {
  return family == IpFamily::Ip4 ? set_option(descriptor, IPPROTO_IP, IP_RECVERR, 1)
                                 : set_option(descriptor, IPPROTO_IPV6, IPV6_RECVERR, 1);
}

}  // namespace mplane
