#include "mplane/probe/socket.hpp"

#include <linux/net_tstamp.h>
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

bool queue_extensions(int descriptor, IpFamily family) noexcept {
  constexpr int kIp4 = 26;  // IP_RECVERR_RFC4884 and its twin, which the C library does not name
  constexpr int kIp6 = 31;
  return family == IpFamily::Ip4 ? set_option(descriptor, IPPROTO_IP, kIp4, 1)
                                 : set_option(descriptor, IPPROTO_IPV6, kIp6, 1);
}

bool stamp_packets(int descriptor) noexcept {
  constexpr unsigned kReceived = SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE;
  constexpr unsigned kSent =
      SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;
  set_option(descriptor, SOL_SOCKET, SO_TIMESTAMPING, 0U);  // so that it counts anew
  return set_option(descriptor, SOL_SOCKET, SO_TIMESTAMPING, kReceived | kSent) ||
         set_option(descriptor, SOL_SOCKET, SO_TIMESTAMPING, kReceived);
}

}  // namespace mplane
