#include "mplane/probe/datagram_socket.hpp"

#include "message_batch.hpp"
#include "mplane/model/error.hpp"
#include "mplane/probe/error_queue.hpp"
#include "mplane/probe/socket.hpp"
#include "transmit_keys.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>

namespace mplane {
namespace {

constexpr int kTurn = 64;  // messages; then others on the loop have theirs

FileDescriptor opened(IpFamily family) {
  FileDescriptor socket = open_socket(family, SOCK_DGRAM);
  if (socket) return socket;
  throw Error(ErrorKind::Unavailable, "",
              std::string("no UDP socket can be had: ") + std::strerror(errno));
}

}  // namespace

struct DatagramSocket::Impl {
  Impl(const Endpoint& to, const DatagramOptions& options)
      : descriptor(opened(family_of(to.host))),
        answers(options.longest, 1),
        errors(ip_header(family_of(to.host)) + kUdpHeader, 1),
        keys(options.under_way) {
    queue_errors(descriptor.number(), family_of(to.host));
    set_headers(family_of(to.host), options);
    stamp_packets(descriptor.number());
    const auto peer = SocketAddress::of(to.host, to.port);
    if (::connect(descriptor.number(), peer.data(), peer.length) != 0) no_way = errno;
  }

  void set_headers(IpFamily family, const DatagramOptions& options) const noexcept {
    const bool ip4 = family == IpFamily::Ip4;
    const int level = ip4 ? IPPROTO_IP : IPPROTO_IPV6;
    const int fd = descriptor.number();
    set_option(fd, level, ip4 ? IP_RECVTTL : IPV6_RECVHOPLIMIT, 1);
    if (options.hop_limit) {
      set_option(fd, level, ip4 ? IP_TTL : IPV6_UNICAST_HOPS, int{*options.hop_limit});
    }
    if (options.traffic_class == 0) return;
    set_option(fd, level, ip4 ? IP_TOS : IPV6_TCLASS, int{options.traffic_class});
  }

  int send(Bytes bytes, std::uint64_t packet) noexcept {
    if (no_way != 0) return no_way;
    const WallTime departed = std::chrono::system_clock::now();
    if (::send(descriptor.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0) {
      keys.add(packet, departed);
      return 0;
    }
    const int error = errno;
    keys.reset();  // a failed attempt may or may not have been counted: both begin anew
    stamp_packets(descriptor.number());
    return error;
  }

  void read_error_queue(const DatagramEvents& events) {
    errors.read(descriptor.number(), {.error =
                                          [&](const QueuedError& error) {
                                            if (events.notice)
                                              events.notice(error.notice, error.quoted);
                                          },
                                      .transmitted =
                                          [&](std::uint32_t key, WallTime sent) {
                                            const auto packet = keys.take(key, sent);
                                            if (packet && events.transmitted)
                                              events.transmitted(*packet, sent);
                                          }});
  }

  const FileDescriptor descriptor;
  detail::MessageBatch answers;
  ErrorQueue errors;
  detail::TransmitKeys keys;
  int no_way = 0;  // why it could not be connected: told when something is to be sent
};

DatagramSocket::DatagramSocket(const Endpoint& peer, const DatagramOptions& options)
    : impl_(std::make_unique<Impl>(peer, options)) {}
DatagramSocket::~DatagramSocket() = default;

int DatagramSocket::descriptor() const noexcept { return impl_->descriptor.number(); }

int DatagramSocket::send(Bytes bytes, std::uint64_t packet) noexcept {
  return impl_->send(bytes, packet);
}

void DatagramSocket::receive(const DatagramEvents& events) {
  for (int n = 0; n < kTurn; ++n) {
    // What was sent is stamped before it leaves: when its answer is here, so is its stamp.
    const bool any = impl_->answers.receive(descriptor(), 0) > 0;
    const WallTime now = std::chrono::system_clock::now();
    impl_->read_error_queue(events);
    if (!any) return;
    const auto ancillary = impl_->answers.ancillary(0);
    if (!events.datagram) continue;
    events.datagram({.bytes = impl_->answers.bytes(0),
                     .received = ancillary.stamp.value_or(now),
                     .kernel_stamp = ancillary.stamp.has_value(),
                     .hop_limit = ancillary.hop_limit});
  }
}

}  // namespace mplane
