#include "mplane/probe/datagram_socket.hpp"

#include "mplane/model/error.hpp"
#include "mplane/probe/file_descriptor.hpp"
#include "mplane/probe/message_batch.hpp"
#include "outgoing_batch.hpp"
#include "stamping.hpp"
#include "transmit_keys.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>

namespace mplane {
namespace {

constexpr int kReceiveBuffer = 4 << 20;
constexpr int kRecvErrRfc4884Ip4 = 26;  // IP_RECVERR_RFC4884, which glibc does not name
constexpr int kRecvErrRfc4884Ip6 = 31;  // IPV6_RECVERR_RFC4884
constexpr std::size_t kLongestQuote = 1280;

[[noreturn]] void fail(ErrorKind kind, const std::string& what) {
  throw Error(kind, "", what + ": " + std::strerror(errno));
}

WallTime wall_now() noexcept { return std::chrono::system_clock::now(); }

IcmpNotice notice_of(const Ancillary::Cause& cause, const std::optional<Address>& otherwise,
                     std::optional<std::uint8_t> hop_limit) {
  return {.reporter = cause.reporter.value_or(otherwise.value_or(Ip4())),
          .type = cause.type,
          .code = cause.code,
          .mtu = cause.info,
          .hop_limit = hop_limit};
}

}  // namespace

struct DatagramSocket::Impl {
  Impl(IpFamily of, const DatagramSocketOptions& options)
      : family(of),
        descriptor(::socket(of == IpFamily::Ip4 ? AF_INET : AF_INET6,
                            SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)),
        incoming(options.longest),
        errors(std::max(options.longest, kLongestQuote)),
        outgoing(1, options.longest),
        connected(options.peer.has_value()) {
    if (!descriptor) fail(ErrorKind::Unavailable, "no UDP socket can be had");
    ask_for_more(options.may_fragment);
    bind_to(options);
    stamps_sent = detail::ask_for_stamps(fd(), true);
    if (!stamps_sent) detail::ask_for_stamps(fd(), false);
    if (options.peer) connect_to(*options.peer);
  }

  int fd() const noexcept { return descriptor.number(); }

  void ask_for_more(bool may_fragment) const noexcept {
    const bool ip4 = family == IpFamily::Ip4;
    const int level = ip4 ? IPPROTO_IP : IPPROTO_IPV6;
    using detail::set_option;
    if (!set_option(fd(), SOL_SOCKET, SO_RCVBUFFORCE, kReceiveBuffer)) {
      set_option(fd(), SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);
    }
    if (!ip4) set_option(fd(), level, IPV6_V6ONLY, 1);
    set_option(fd(), level, ip4 ? IP_RECVTTL : IPV6_RECVHOPLIMIT, 1);
    set_option(fd(), level, ip4 ? IP_RECVTOS : IPV6_RECVTCLASS, 1);
    set_option(fd(), level, ip4 ? IP_RECVERR : IPV6_RECVERR, 1);
    set_option(fd(), level, ip4 ? kRecvErrRfc4884Ip4 : kRecvErrRfc4884Ip6, 1);
    if (may_fragment) return;
    // Sent as they are, whatever the kernel believes the path's MTU to be.
    set_option(fd(), level, ip4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER, IP_PMTUDISC_PROBE);
  }

  void bind_to(const DatagramSocketOptions& options) const {
    const Address any = family == IpFamily::Ip4 ? Address(Ip4()) : Address(Ip6());
    const Address source = options.source.value_or(any);
    const auto local = SocketAddress::of(source, options.source_port);
    if (::bind(fd(), local.data(), local.length) == 0) return;
    fail(ErrorKind::Configuration, "packets cannot be sent from " + to_string(source) + " port " +
                                       std::to_string(options.source_port));
  }

  void connect_to(const Endpoint& peer) {
    const auto to = SocketAddress::of(peer.host, peer.port);
    if (::connect(fd(), to.data(), to.length) == 0) return;
    unreachable = errno;  // told by the first packet
  }

  // A failed attempt may or may not have been counted by the kernel: both begin anew.
  void recount() noexcept {
    if (!stamps_sent) return;
    detail::decline_stamps(fd());
    keys.reset();
    detail::ask_for_stamps(fd(), true);
  }

  SendOutcome send(const DatagramDeparture& datagram) noexcept {
    if (unreachable != 0) return {SendStatus::Unreachable, unreachable};
    outgoing.clear();
    const auto space = outgoing.space();
    if (datagram.bytes.size() > space.size()) return {SendStatus::Refused, EMSGSIZE};
    std::copy(datagram.bytes.begin(), datagram.bytes.end(), space.begin());
    const SocketAddress to =
        connected ? SocketAddress() : SocketAddress::of(datagram.to.host, datagram.to.port);
    outgoing.add(datagram.bytes.size(), to, family, datagram.hop_limit, datagram.traffic_class);
    const WallTime departed = wall_now();
    // An ICMP error about an earlier packet is told by the next call, whatever that was to do.
    for (int attempt = 0; attempt < 2; ++attempt) {
      if (outgoing.send(fd(), 0) == 1) {
        if (stamps_sent) keys.add(datagram.packet, departed);
        return {};
      }
    }
    const int error = errno;
    recount();
    if (error == EAGAIN || error == ENOBUFS) return {SendStatus::Full, error};
    return {detail::passes_later(error) ? SendStatus::Unreachable : SendStatus::Refused, error};
  }

  bool receive(const DatagramEvents& events) {
    constexpr int kRounds = 8;  // then others on the loop have their turn
    for (int round = 0; round < kRounds; ++round) {
      const std::size_t count = incoming.receive(fd(), 0);
      const WallTime now = wall_now();
      read_error_queue(events);
      for (std::size_t n = 0; n < count; ++n) tell_datagram(n, now, events);
      if (count < MessageBatch::kSize) return false;
    }
    return true;
  }

  void read_error_queue(const DatagramEvents& events) {
    std::size_t count = MessageBatch::kSize;
    while (count == MessageBatch::kSize) {
      count = errors.receive(fd(), MSG_ERRQUEUE);
      const WallTime now = wall_now();
      for (std::size_t n = 0; n < count; ++n) tell_error(n, now, events);
    }
  }

  void tell_datagram(std::size_t n, WallTime now, const DatagramEvents& events) const {
    const auto peer = incoming.peer(n);
    if (!peer || !events.datagram) return;
    const auto ancillary = incoming.ancillary(n);
    events.datagram({.from = {*peer, incoming.peer_port(n)},
                     .bytes = incoming.bytes(n),
                     .hop_limit = ancillary.hop_limit,
                     .traffic_class = ancillary.traffic_class,
                     .received = ancillary.stamp.value_or(now),
                     .kernel_stamp = ancillary.stamp.has_value()});
  }

  void tell_error(std::size_t n, WallTime now, const DatagramEvents& events) {
    using Origin = Ancillary::Cause::Origin;
    const auto ancillary = errors.ancillary(n);
    if (!ancillary.cause) return;
    const auto& cause = *ancillary.cause;
    if (cause.origin == Origin::TransmitStamp && ancillary.stamp) {
      const auto packet = keys.take(cause.key, *ancillary.stamp);
      if (packet && events.transmitted) events.transmitted(*packet, *ancillary.stamp);
    } else if (cause.origin == Origin::Icmp && events.notice) {
      const auto target = errors.peer(n);
      const Bytes all = errors.bytes(n);
      const std::size_t quoted =
          cause.extensions > 0 ? std::min(cause.extensions, all.size()) : all.size();
      if (!target) return;
      events.notice({.notice = notice_of(cause, target, ancillary.hop_limit),
                     .destination = {*target, errors.peer_port(n)},
                     .quoted = all.first(quoted),
                     .extensions = all.subspan(quoted),
                     .received = ancillary.stamp.value_or(now),
                     .kernel_stamp = ancillary.stamp.has_value()});
    }
  }

  const IpFamily family;
  FileDescriptor descriptor;
  MessageBatch incoming;
  MessageBatch errors;
  detail::OutgoingBatch outgoing;
  detail::TransmitKeys keys;
  const bool connected;
  bool stamps_sent = false;
  int unreachable = 0;
};

DatagramSocket::DatagramSocket(IpFamily family, const DatagramSocketOptions& options)
    : impl_(std::make_unique<Impl>(family, options)) {}
DatagramSocket::~DatagramSocket() = default;

IpFamily DatagramSocket::family() const noexcept { return impl_->family; }
int DatagramSocket::descriptor() const noexcept { return impl_->fd(); }

Endpoint DatagramSocket::local() const {
  if (const auto local = local_endpoint(impl_->fd())) return *local;
  fail(ErrorKind::Internal, "the socket's address is unknown");
}

SendOutcome DatagramSocket::send(const DatagramDeparture& datagram) noexcept {
  return impl_->send(datagram);
}
bool DatagramSocket::receive(const DatagramEvents& events) { return impl_->receive(events); }
void DatagramSocket::receive_stamps(const DatagramEvents& events) {
  impl_->read_error_queue(events);
}

std::optional<IcmpNotice> take_notice(int descriptor) {
  MessageBatch errors(kLongestQuote);
  const std::size_t count = errors.receive(descriptor, MSG_ERRQUEUE);
  for (std::size_t n = 0; n < count; ++n) {
    const auto ancillary = errors.ancillary(n);
    if (!ancillary.cause || ancillary.cause->origin != Ancillary::Cause::Origin::Icmp) continue;
    return notice_of(*ancillary.cause, errors.peer(n), ancillary.hop_limit);
  }
  return std::nullopt;
}

bool is_prohibition(IpFamily family, const IcmpNotice& notice) noexcept {
  if (family == IpFamily::Ip4) {  // RFC 1122, RFC 1812
    return notice.type == 3 && (notice.code == 9 || notice.code == 10 || notice.code == 13);
  }
  return notice.type == 1 &&
         (notice.code == 1 || notice.code == 5 || notice.code == 6);  // RFC 4443
}

}  // namespace mplane
