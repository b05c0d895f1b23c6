#include "mplane/probe/icmp_socket.hpp"

#include "icmp_filter.hpp"
#include "message_batch.hpp"
#include "mplane/model/detail/random_bytes.hpp"
#include "mplane/model/error.hpp"
#include "mplane/probe/file_descriptor.hpp"
#include "mplane/probe/socket.hpp"
#include "mplane/probe/socket_address.hpp"
#include "outgoing_batch.hpp"
#include "transmit_keys.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <utility>
#include <vector>

namespace mplane {
namespace {

constexpr std::size_t kLongestIpHeader = 60;
constexpr std::size_t kLongestError = 1'500;  // RFC 4443 and RFC 1812 want less, not all obey
constexpr int kReceiveBuffer = 4 << 20;       // bytes: what 10,000 replies at once take

const char* name_of(IpFamily family) noexcept { return family == IpFamily::Ip4 ? "IPv4" : "IPv6"; }

FileDescriptor open_icmp(IpFamily family, IcmpMode mode) noexcept {
  const int protocol =
      family == IpFamily::Ip4 ? static_cast<int>(IPPROTO_ICMP) : static_cast<int>(IPPROTO_ICMPV6);
  return open_socket(family, mode == IcmpMode::Datagram ? SOCK_DGRAM : SOCK_RAW, protocol);
}

[[noreturn]] void fail_to_open(IpFamily family, std::optional<IcmpMode> mode, int error) {
  const std::string what = std::string("ICMP over ") + name_of(family);
  if (error != EPERM && error != EACCES) {
    throw Error(ErrorKind::Unavailable, "", what + " cannot be had: " + std::strerror(error));
  }
  const std::string datagram = "the process's group within net.ipv4.ping_group_range";
  const std::string raw = "CAP_NET_RAW";
  const std::string missing = !mode                         ? raw + " or " + datagram
                              : *mode == IcmpMode::Datagram ? datagram
                                                            : raw;
  throw Error(ErrorKind::Configuration, "", what + " needs a right that is missing: " + missing);
}

struct Opened {
  FileDescriptor descriptor;
  IcmpMode mode;
};

Opened open_either(IpFamily family, std::optional<IcmpMode> wanted) {
  int error = EACCES;
  for (const IcmpMode mode : {IcmpMode::Datagram, IcmpMode::Raw}) {
    if (wanted && mode != *wanted) continue;
    FileDescriptor descriptor = open_icmp(family, mode);
    if (descriptor) return {std::move(descriptor), mode};
    error = errno;
  }
  fail_to_open(family, wanted, error);
}

void bind_to(int descriptor, const Address& source) {
  const auto local = SocketAddress::of(source);
  if (::bind(descriptor, local.data(), local.length) == 0) return;
  const std::string reason =
      errno == EADDRNOTAVAIL ? "this host does not have it" : std::strerror(errno);
  throw Error(ErrorKind::Configuration, "",
              "packets cannot be sent from " + to_string(source) + ": " + reason);
}

// The kernel chooses a datagram socket's identifier, and calls it a port.
std::uint16_t given_identifier(int descriptor) {
  if (const auto local = local_endpoint(descriptor)) return local->port;
  throw Error(ErrorKind::Internal, "",
              std::string("the socket's identifier is unknown: ") + std::strerror(errno));
}

WallTime wall_now() noexcept { return std::chrono::system_clock::now(); }

// Errors that say nothing about the request itself: the same packet may pass later.
bool passes_later(int error) noexcept {
  switch (error) {
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
    case ECONNREFUSED:
    case EPERM:
      return true;  // the last is a firewall's
    default:
      return false;
  }
}

}  // namespace

struct IcmpSocket::Impl {
  Impl(IpFamily of_family, IcmpSocketOptions with)
      : family(of_family),
        options(with),
        replies(longest_message()),
        errors(kLongestError),
        outgoing(kLargestBatch, kEchoHeader + options.max_payload) {
    Opened opened = open_either(family, options.mode);
    descriptor = std::move(opened.descriptor);
    mode = opened.mode;
    const Address any = family == IpFamily::Ip4 ? Address(Ip4()) : Address(Ip6());
    bind_to(fd(), options.source.value_or(any));
    identify();
    ask_for_more();
    ask_for_stamps();
  }

  std::size_t longest_message() const noexcept {
    return std::max(kLongestIpHeader + kEchoHeader + options.max_payload, kLongestError);
  }

  int fd() const noexcept { return descriptor.number(); }

  void identify() {
    if (mode == IcmpMode::Datagram) {
      identifier = given_identifier(fd());
      return;
    }
    identifier = detail::random_number<std::uint16_t>();
    if (detail::filter_icmp(fd(), family, identifier)) return;
    throw Error(ErrorKind::Internal, "",
                std::string("the ICMP filter was not taken: ") + std::strerror(errno));
  }

  // Conveniences: a system without one of them still measures.
  void ask_for_more() const noexcept {
    want_receive_buffer(fd(), kReceiveBuffer);
    set_option(fd(), SOL_SOCKET, SO_RXQ_OVFL, 1);
    const bool ip4 = family == IpFamily::Ip4;
    const int level = ip4 ? IPPROTO_IP : IPPROTO_IPV6;
    set_option(fd(), level, ip4 ? IP_RECVTTL : IPV6_RECVHOPLIMIT, 1);
    if (mode == IcmpMode::Datagram) {
      queue_errors(fd(), family);
      queue_extensions(fd(), family);
    }
    if (options.may_fragment) return;
    // What the kernel has learned of the path does not count either.
    set_option(fd(), level, ip4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER, IP_PMTUDISC_PROBE);
  }

  void ask_for_stamps() noexcept {
    stamps_sent = options.transmit_stamps && stamp_both(fd());
    stamps_received = stamps_sent || stamp_received(fd());
  }

  // A failed attempt may or may not have been counted by the kernel: both begin anew.
  void recount() noexcept {
    if (!stamps_sent) return;
    keys.reset();
    ask_for_stamps();
  }

  BatchOutcome send(std::span<const EchoDeparture> requests) noexcept {
    outgoing.clear();
    SendOutcome wrong;  // why those behind what can be sent cannot be
    for (const EchoDeparture& request : requests) {
      if (!enqueue(request)) wrong = {SendStatus::Refused, EINVAL};
      if (wrong.status != SendStatus::Sent) break;
    }
    const WallTime departed = wall_now();
    const std::size_t sent = transmit();
    const int error = errno;
    for (std::size_t n = 0; n < sent && stamps_sent; ++n) keys.add(requests[n].packet, departed);
    if (sent == outgoing.size()) return {sent, wrong};
    recount();
    if (error == EAGAIN || error == ENOBUFS) return {sent, {SendStatus::Full, error}};
    return {sent, {passes_later(error) ? SendStatus::Unreachable : SendStatus::Refused, error}};
  }

  bool enqueue(const EchoDeparture& request) noexcept {
    if (family_of(request.target) != family || outgoing.is_full()) return false;
    const std::size_t size = encode_echo_request(
        family,
        {.identifier = identifier, .sequence = request.sequence, .payload = request.payload},
        outgoing.space());
    if (size == 0) return false;
    outgoing.add(size, SocketAddress::of(request.target), family, request.hop_limit,
                 request.traffic_class);
    return true;
  }

  // With an error queue, an ICMP error about an earlier packet is told by the next call, whatever
  // that was to do; telling clears it, and the next may be there at once. @post errno, unless all
  // were sent.
  std::size_t transmit() noexcept {
    constexpr int kTries = 8;
    std::size_t sent = 0;
    int left = kTries;
    while (sent < outgoing.size()) {
      const std::size_t count = outgoing.send(fd(), sent);
      sent += count;
      if (count > 0) {
        left = kTries;
      } else if (errno == EAGAIN || errno == ENOBUFS || --left == 0) {
        break;
      }
    }
    return sent;
  }

  bool receive(const IcmpEvents& events) {
    constexpr int kRounds = 8;  // then others on the loop have their turn
    for (int round = 0; round < kRounds; ++round) {
      // A packet is stamped before it leaves: when its reply is here, so is its stamp.
      const std::size_t count = replies.receive(fd(), 0);
      const WallTime now = wall_now();
      read_error_queue(events);
      for (std::size_t n = 0; n < count; ++n) tell_message(n, now, events);
      if (count < detail::MessageBatch::kSize) return false;
    }
    return true;
  }

  void read_error_queue(const IcmpEvents& events) {
    std::size_t count = detail::MessageBatch::kSize;
    while (count == detail::MessageBatch::kSize) {
      count = errors.receive(fd(), MSG_ERRQUEUE);
      const WallTime now = wall_now();
      for (std::size_t n = 0; n < count; ++n) tell_error(n, now, events);
    }
  }

  void tell_error(std::size_t n, WallTime now, const IcmpEvents& events) {
    using Origin = detail::Ancillary::Cause::Origin;
    const auto ancillary = errors.ancillary(n);
    if (!ancillary.cause) return;
    const auto& cause = *ancillary.cause;
    if (cause.origin == Origin::TransmitStamp && ancillary.stamp) {
      const auto packet = keys.take(cause.key, *ancillary.stamp);
      if (packet && events.transmitted) events.transmitted(*packet, *ancillary.stamp);
    } else if (cause.origin == Origin::Icmp && events.failure) {
      const auto trouble = trouble_of(family, cause.type, cause.code);
      const auto target = errors.peer(n);
      const auto [quote, extensions] =
          detail::parted(errors.bytes(n), cause.extensions, ip_header(family));
      const auto request = decode_quoted_echo(family, quote);
      if (!trouble || !target || !request) return;
      events.failure({.reporter = cause.reporter.value_or(*target),
                      .failure = {.trouble = *trouble,
                                  .type = cause.type,
                                  .code = cause.code,
                                  .destination = *target,
                                  .request = *request,
                                  .mtu = cause.mtu,
                                  .extensions = extensions},
                      .hop_limit = ancillary.hop_limit,
                      .received = ancillary.stamp.value_or(now),
                      .kernel_stamp = ancillary.stamp.has_value()});
    }
  }

  void tell_message(std::size_t n, WallTime now, const IcmpEvents& events) {
    const auto peer = replies.peer(n);
    const auto ancillary = replies.ancillary(n);
    dropped = ancillary.dropped.value_or(dropped);
    Bytes content = replies.bytes(n);
    if (mode == IcmpMode::Raw && family == IpFamily::Ip4) {
      const auto packet = decode_ip4_icmp(content);
      content = packet ? packet->content : Bytes();
    }
    if (!peer) return;
    const IcmpMessage message = decode_icmp(family, content);
    if (message.reply && message.reply->identifier == identifier && events.reply) {
      events.reply({.from = *peer,
                    .echo = *message.reply,
                    .hop_limit = ancillary.hop_limit,
                    .received = ancillary.stamp.value_or(now),
                    .kernel_stamp = ancillary.stamp.has_value()});
    } else if (message.failure && message.failure->request.identifier == identifier &&
               events.failure) {
      events.failure({.reporter = *peer,
                      .failure = *message.failure,
                      .hop_limit = ancillary.hop_limit,
                      .received = ancillary.stamp.value_or(now),
                      .kernel_stamp = ancillary.stamp.has_value()});
    }
  }

  const IpFamily family;
  const IcmpSocketOptions options;
  FileDescriptor descriptor;
  IcmpMode mode = IcmpMode::Datagram;
  std::uint16_t identifier = 0;
  bool stamps_sent = false;
  bool stamps_received = false;
  std::uint32_t dropped = 0;
  detail::MessageBatch replies;
  detail::MessageBatch errors;
  detail::TransmitKeys keys;
  detail::OutgoingBatch outgoing;
};

IcmpSocket::IcmpSocket(IpFamily family, IcmpSocketOptions options)
    : impl_(std::make_unique<Impl>(family, options)) {}
IcmpSocket::~IcmpSocket() = default;

IpFamily IcmpSocket::family() const noexcept { return impl_->family; }
IcmpMode IcmpSocket::mode() const noexcept { return impl_->mode; }
int IcmpSocket::descriptor() const noexcept { return impl_->fd(); }
bool IcmpSocket::stamps_received() const noexcept { return impl_->stamps_received; }
bool IcmpSocket::stamps_sent() const noexcept { return impl_->stamps_sent; }
std::uint32_t IcmpSocket::dropped() const noexcept { return impl_->dropped; }

SendOutcome IcmpSocket::send(const Address& target, std::uint16_t sequence, Bytes payload,
                             std::uint64_t packet) noexcept {
  const EchoDeparture request{
      .target = target, .sequence = sequence, .payload = payload, .packet = packet};
  return impl_->send({&request, 1}).next;
}

BatchOutcome IcmpSocket::send(std::span<const EchoDeparture> requests) noexcept {
  return impl_->send(requests);
}

bool IcmpSocket::receive(const IcmpEvents& events) { return impl_->receive(events); }

void IcmpSocket::receive_stamps(const IcmpEvents& events) { impl_->read_error_queue(events); }

}  // namespace mplane
