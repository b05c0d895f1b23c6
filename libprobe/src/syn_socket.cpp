#include "mplane/probe/syn_socket.hpp"

#include "message_batch.hpp"
#include "mplane/model/error.hpp"
#include "mplane/probe/error_queue.hpp"
#include "mplane/probe/socket.hpp"
#include "syn_filter.hpp"
#include "transmit_keys.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>

namespace mplane {
namespace {

constexpr std::size_t kLongestAnswer = 60 + 60;  // headers with all options there can be
constexpr std::size_t kLongestError = 1'500;     // RFC 4443 and RFC 1812 want less, not all obey
constexpr std::size_t kBatch = 8;                // of messages; there may be many such sockets
constexpr int kTurn = 16;                        // batches; then others on the loop have theirs
constexpr std::size_t kUnderWay = 1'024;         // stamps come soon after sending
constexpr int kReceiveBuffer = 1 << 20;          // bytes: some hundreds of errors at once

WallTime wall_now() noexcept { return std::chrono::system_clock::now(); }

[[noreturn]] void fail_to_open(int error) {
  if (error == EPERM || error == EACCES) {
    throw Error(ErrorKind::Configuration, "",
                "TCP segments of one's own need a right that is missing: CAP_NET_RAW");
  }
  throw Error(ErrorKind::Unavailable, "",
              std::string("no raw socket can be had: ") + std::strerror(error));
}

FileDescriptor opened(IpFamily family, int protocol) {
  FileDescriptor socket = open_socket(family, SOCK_RAW, protocol);
  if (!socket) fail_to_open(errno);
  return socket;
}

// Bound, and never connected: what comes to it is reset. Not by `bind_anywhere`, whose ports may be
// shared.
FileDescriptor held_port(IpFamily family) {
  FileDescriptor socket = open_socket(family, SOCK_STREAM);
  const int fd = socket.number();
  const bool ip4 = family == IpFamily::Ip4;
  const auto local = SocketAddress::of(ip4 ? Address(Ip4()) : Address(Ip6()));
  if (socket && !ip4) set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (socket && ::bind(fd, local.data(), local.length) == 0) return socket;
  throw Error(ErrorKind::Unavailable, "",
              std::string("no port can be had: ") + std::strerror(errno));
}

std::uint16_t port_of(int descriptor) {
  if (const auto local = local_endpoint(descriptor)) return local->port;
  throw Error(ErrorKind::Internal, "",
              std::string("the socket's port is unknown: ") + std::strerror(errno));
}

int icmp_of(IpFamily family) noexcept {
  return family == IpFamily::Ip4 ? static_cast<int>(IPPROTO_ICMP)
                                 : static_cast<int>(IPPROTO_ICMPV6);
}

void tell_hop_limits(int descriptor, IpFamily family) noexcept {
  const bool ip4 = family == IpFamily::Ip4;
  set_option(descriptor, ip4 ? IPPROTO_IP : IPPROTO_IPV6, ip4 ? IP_RECVTTL : IPV6_RECVHOPLIMIT, 1);
}

SynArrival arrival_of(const detail::Ancillary& ancillary, WallTime now) noexcept {
  return {.hop_limit = ancillary.hop_limit,
          .received = ancillary.stamp.value_or(now),
          .kernel_stamp = ancillary.stamp.has_value()};
}

}  // namespace

struct SynSocket::Impl {
  explicit Impl(const Endpoint& to)
      : target(to),
        family(family_of(to.host)),
        holder(held_port(family)),
        own({.host = family == IpFamily::Ip4 ? Address(Ip4()) : Address(Ip6()),
             .port = port_of(holder.number())}),
        segments(opened(family, IPPROTO_TCP)),
        errors(opened(family, icmp_of(family))),
        answered(kLongestAnswer, kBatch),
        failed(kLongestError, kBatch),
        stamps(0, kBatch),
        keys(kUnderWay) {
    filter();
    for (const int fd : {segments.number(), errors.number()}) {
      want_receive_buffer(fd, kReceiveBuffer);
      tell_hop_limits(fd, family);
    }
    stamp_packets(segments.number());
    stamp_received(errors.number());
    connect();
  }

  void filter() const {
    const detail::Ports ports{.own = own.port, .target = target.port};
    const bool taken = detail::filter_syn_answers(segments.number(), family, ports) &&
                       detail::filter_syn_failures(errors.number(), family, ports);
    if (taken) return;
    throw Error(ErrorKind::Internal, "",
                std::string("the filter of segments was not taken: ") + std::strerror(errno));
  }

  // Chooses the source address, and with IPv6 the flow label, for good; and others are not heard.
  void connect() noexcept {
    const auto peer = SocketAddress::of(target.host);
    if (::connect(segments.number(), peer.data(), peer.length) != 0) no_way = errno;
    if (const auto local = local_endpoint(segments.number())) own.host = local->host;
  }

  int send(std::uint32_t sequence, std::uint8_t hop_limit, std::uint64_t packet) noexcept {
    if (no_way != 0) return no_way;
    const int fd = segments.number();
    const bool ip4 = family == IpFamily::Ip4;
    set_option(fd, ip4 ? IPPROTO_IP : IPPROTO_IPV6, ip4 ? IP_TTL : IPV6_UNICAST_HOPS,
               int{hop_limit});
    const auto segment = encode_syn(own, target, sequence);
    int error = 0;
    // The error that an earlier segment has met, whosever it was, is told instead of sending this.
    for (int attempt = 0; attempt < 2; ++attempt) {
      const WallTime departed = wall_now();
      if (::send(fd, segment.data(), segment.size(), MSG_NOSIGNAL) >= 0) {
        keys.add(packet, departed);
        return 0;
      }
      error = errno;
      keys.reset();  // a failed attempt may or may not have been counted: both begin anew
      stamp_packets(fd);
    }
    return error;
  }

  void read_stamps(const SynEvents& events) {
    stamps.read(segments.number(), {.transmitted = [&](std::uint32_t key, WallTime sent) {
                  const auto packet = keys.take(key, sent);
                  if (packet && events.transmitted) events.transmitted(*packet, sent);
                }});
  }

  bool read_answers(const SynEvents& events) {
    const std::size_t count = answered.receive(segments.number(), 0);
    const WallTime now = wall_now();
    read_stamps(events);  // a packet is stamped before it leaves
    for (std::size_t n = 0; n < count; ++n) {
      const Bytes bytes = answered.bytes(n);
      const auto answer = decode_syn_answer(family == IpFamily::Ip4 ? tcp_in_ip4(bytes) : bytes);
      const bool ours = answer && answered.peer(n) == target.host &&
                        answer->source_port == target.port && answer->destination_port == own.port;
      if (!ours || !events.answer) continue;
      events.answer(*answer, arrival_of(answered.ancillary(n), now));
    }
    return count == kBatch;
  }

  bool read_errors(const SynEvents& events) {
    const std::size_t count = failed.receive(errors.number(), 0);
    const WallTime now = wall_now();
    for (std::size_t n = 0; n < count; ++n) {
      const auto reporter = failed.peer(n);
      const auto failure = decode_segment_failure(family, icmp_in(failed.bytes(n)));
      const bool ours = reporter && failure && failure->destination == target.host &&
                        failure->source_port == own.port &&
                        failure->destination_port == target.port;
      if (!ours || !events.failure) continue;
      events.failure(*reporter, *failure, arrival_of(failed.ancillary(n), now));
    }
    return count == kBatch;
  }

  Bytes icmp_in(Bytes bytes) const noexcept {
    if (family == IpFamily::Ip6) return bytes;
    const auto packet = decode_ip4_icmp(bytes);
    return packet ? packet->content : Bytes();
  }

  const Endpoint target;
  const IpFamily family;
  const FileDescriptor holder;
  Endpoint own;
  const FileDescriptor segments;
  const FileDescriptor errors;
  detail::MessageBatch answered;
  detail::MessageBatch failed;
  ErrorQueue stamps;
  detail::TransmitKeys keys;
  int no_way = 0;  // why it could not be connected: told when something is to be sent
};

bool SynSocket::is_allowed(IpFamily family) noexcept {
  const FileDescriptor socket = open_socket(family, SOCK_RAW, IPPROTO_TCP);
  return socket || (errno != EPERM && errno != EACCES);
}

SynSocket::SynSocket(const Endpoint& target) : impl_(std::make_unique<Impl>(target)) {}
SynSocket::~SynSocket() = default;

std::array<int, 2> SynSocket::descriptors() const noexcept {
  return {impl_->segments.number(), impl_->errors.number()};
}

std::uint16_t SynSocket::port() const noexcept { return impl_->own.port; }

int SynSocket::send(std::uint32_t sequence, std::uint8_t hop_limit, std::uint64_t packet) noexcept {
  return impl_->send(sequence, hop_limit, packet);
}

void SynSocket::receive(const SynEvents& events) {
  for (int turn = 0; turn < kTurn && impl_->read_answers(events); ++turn) {
  }
  for (int turn = 0; turn < kTurn && impl_->read_errors(events); ++turn) {
  }
}

}  // namespace mplane
