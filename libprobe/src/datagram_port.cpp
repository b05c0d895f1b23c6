#include "mplane/probe/datagram_port.hpp"

#include "message_batch.hpp"
#include "mplane/model/error.hpp"
#include "mplane/probe/socket.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>

namespace mplane {
namespace {

constexpr int kRounds = 4;  // of a batch each; then others on the loop have their turn

[[noreturn]] void fail(std::uint16_t port) {
  throw Error(ErrorKind::Unavailable, "",
              "UDP port " + std::to_string(port) + " cannot be had: " + std::strerror(errno));
}

FileDescriptor bound(IpFamily family, std::uint16_t port) {
  FileDescriptor socket = bind_anywhere(family, SOCK_DGRAM, port);
  if (!socket) fail(port);
  return socket;
}

/// Says beside a message which address it is to be sent from.
template <typename Info>
struct SentFrom {
  alignas(cmsghdr) std::array<std::uint8_t, CMSG_SPACE(sizeof(Info))> control{};

  SentFrom(int level, int type, const Info& info) noexcept {
    cmsghdr header{};
    header.cmsg_level = level;
    header.cmsg_type = type;
    header.cmsg_len = CMSG_LEN(sizeof info);
    std::memcpy(control.data(), &header, sizeof header);
    std::memcpy(control.data() + CMSG_LEN(0), &info, sizeof info);
  }
};

template <typename Info>
int send_message(int descriptor, Bytes bytes, const SocketAddress& to,
                 SentFrom<Info> from) noexcept {
  iovec vector{.iov_base = const_cast<std::uint8_t*>(bytes.data()), .iov_len = bytes.size()};
  msghdr message{};
  message.msg_name = const_cast<sockaddr*>(to.data());
  message.msg_namelen = to.length;
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = from.control.data();
  message.msg_controllen = from.control.size();
  return ::sendmsg(descriptor, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? errno : 0;
}

}  // namespace

struct DatagramPort::Impl {
  Impl(IpFamily family, std::uint16_t number, std::size_t longest, int room)
      : descriptor(bound(family, number)), datagrams(longest) {
    const int fd = descriptor.number();
    const auto local = local_endpoint(fd);
    if (!local) fail(number);
    port = local->port;
    const bool ip4 = family == IpFamily::Ip4;
    const int level = ip4 ? IPPROTO_IP : IPPROTO_IPV6;
    set_option(fd, level, ip4 ? IP_PKTINFO : IPV6_RECVPKTINFO, 1);
    set_option(fd, level, ip4 ? IP_RECVTTL : IPV6_RECVHOPLIMIT, 1);
    set_option(fd, level, ip4 ? IP_RECVTOS : IPV6_RECVTCLASS, 1);
    want_receive_buffer(fd, room);
    stamp_received(fd);
  }

  void tell(std::size_t n, WallTime now, const std::function<void(const PortArrival&)>& handler) {
    const auto ancillary = datagrams.ancillary(n);
    const auto peer = datagrams.peer(n);
    if (!peer || !ancillary.local) return;
    handler({.bytes = datagrams.bytes(n),
             .octets = datagrams.length(n),
             .from = {*peer, datagrams.peer_port(n)},
             .to = *ancillary.local,
             .hop_limit = ancillary.hop_limit,
             .traffic_class = ancillary.traffic_class.value_or(0),
             .received = ancillary.stamp.value_or(now),
             .kernel_stamp = ancillary.stamp.has_value()});
  }

  void mark(bool ip4, std::uint8_t wanted) noexcept {
    if (wanted == traffic_class) return;
    const int level = ip4 ? IPPROTO_IP : IPPROTO_IPV6;
    set_option(descriptor.number(), level, ip4 ? IP_TOS : IPV6_TCLASS, int{wanted});
    traffic_class = wanted;
  }

  const FileDescriptor descriptor;
  detail::MessageBatch datagrams;
  std::uint16_t port = 0;
  std::uint8_t traffic_class = 0;  // of what is sent next
};

DatagramPort::DatagramPort(IpFamily family, std::uint16_t port, std::size_t longest, int room)
    : impl_(std::make_unique<Impl>(family, port, longest, room)) {}
DatagramPort::~DatagramPort() = default;

std::uint16_t DatagramPort::port() const noexcept { return impl_->port; }
int DatagramPort::descriptor() const noexcept { return impl_->descriptor.number(); }

std::uint32_t DatagramPort::dropped() const noexcept { return messages_dropped(descriptor()); }

int DatagramPort::send(Bytes bytes, const Endpoint& to, const Address& from,
                       std::uint8_t traffic_class) noexcept {
  impl_->mark(from.is_ip4(), traffic_class);
  const auto peer = SocketAddress::of(to.host, to.port);
  if (from.is_ip4()) {
    in_pktinfo info{};
    std::memcpy(&info.ipi_spec_dst, from.ip4().bytes().data(), sizeof info.ipi_spec_dst);
    return send_message<in_pktinfo>(descriptor(), bytes, peer, {IPPROTO_IP, IP_PKTINFO, info});
  }
  in6_pktinfo info{};
  std::memcpy(&info.ipi6_addr, from.ip6().bytes().data(), sizeof info.ipi6_addr);
  return send_message<in6_pktinfo>(descriptor(), bytes, peer, {IPPROTO_IPV6, IPV6_PKTINFO, info});
}

void DatagramPort::receive(const std::function<void(const PortArrival&)>& handler) {
  std::size_t count = detail::MessageBatch::kSize;
  for (int round = 0; round < kRounds && count == detail::MessageBatch::kSize; ++round) {
    count = impl_->datagrams.receive(descriptor(), MSG_TRUNC);
    const WallTime now = std::chrono::system_clock::now();
    for (std::size_t n = 0; n < count; ++n) impl_->tell(n, now, handler);
  }
}

}  // namespace mplane
