#include "mplane/probe/socket.hpp"

#include "mplane/probe/socket_address.hpp"

#include <array>
#include <cerrno>
#include <linux/net_tstamp.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace mplane {
namespace {

constexpr unsigned kReceived = SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE;
constexpr unsigned kSent =
    SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY;

}  // namespace

FileDescriptor open_socket(IpFamily family, int type, int protocol) noexcept {
  return FileDescriptor(::socket(family == IpFamily::Ip4 ? AF_INET : AF_INET6,
                                 type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
}

FileDescriptor bind_anywhere(IpFamily family, int type, std::uint16_t port) noexcept {
  const bool ip4 = family == IpFamily::Ip4;
  FileDescriptor socket = open_socket(family, type);
  if (!socket) return socket;
  if (!ip4) set_option(socket.number(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (type == SOCK_STREAM) set_option(socket.number(), SOL_SOCKET, SO_REUSEADDR, 1);
  const auto local = SocketAddress::of(ip4 ? Address(Ip4()) : Address(Ip6()), port);
  if (::bind(socket.number(), local.data(), local.length) == 0) return socket;
  const int error = errno;
  socket = FileDescriptor();
  errno = error;
  return socket;
}

void want_receive_buffer(int descriptor, int bytes) noexcept {
  if (set_option(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, bytes)) return;
  set_option(descriptor, SOL_SOCKET, SO_RCVBUF, bytes);
}

std::uint32_t messages_dropped(int descriptor) noexcept {
  std::array<std::uint32_t, SK_MEMINFO_VARS> numbers{};
  socklen_t length = sizeof numbers;
  ::getsockopt(descriptor, SOL_SOCKET, SO_MEMINFO, numbers.data(), &length);
  return numbers[SK_MEMINFO_DROPS];
}

int take_error(int descriptor) noexcept {
  int error = 0;
  socklen_t length = sizeof error;
  ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length);
  return error;
}

bool is_connecting(int descriptor) noexcept {
  tcp_info info{};
  socklen_t length = sizeof info;
  return ::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) == 0 &&
         (info.tcpi_state == TCP_SYN_SENT || info.tcpi_state == TCP_SYN_RECV);
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

bool stamp_received(int descriptor) noexcept {
  return set_option(descriptor, SOL_SOCKET, SO_TIMESTAMPING, kReceived);
}

bool stamp_both(int descriptor) noexcept {
  set_option(descriptor, SOL_SOCKET, SO_TIMESTAMPING, 0U);  // so that it counts anew
  return set_option(descriptor, SOL_SOCKET, SO_TIMESTAMPING, kReceived | kSent);
}

bool stamp_packets(int descriptor) noexcept {
  return stamp_both(descriptor) || stamp_received(descriptor);
}

}  // namespace mplane
