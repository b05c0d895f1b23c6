#include "mplane/probe/datagram_socket.hpp"

#include "message_batch.hpp"
#include "mplane/model/error.hpp"
#include "mplane/probe/socket.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <linux/net_tstamp.h>
#include <string>
#include <sys/socket.h>

namespace mplane {
namespace {

constexpr std::size_t kLongestQuote = 1280;
constexpr int kTurn = 64;  // messages; then others on the loop have theirs

FileDescriptor opened(IpFamily family) {
  FileDescriptor socket = open_socket(family, SOCK_DGRAM);
  if (socket) return socket;
  throw Error(ErrorKind::Unavailable, "",
              std::string("no UDP socket can be had: ") + std::strerror(errno));
}

}  // namespace

struct DatagramSocket::Impl {
  Impl(const Endpoint& to, std::size_t longest)
      : descriptor(opened(family_of(to.host))), answers(longest, 1), errors(kLongestQuote, 1) {
    queue_errors(descriptor.number(), family_of(to.host));
    constexpr unsigned kStamps = SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE |
                                 SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
                                 SOF_TIMESTAMPING_OPT_TSONLY;
    set_option(descriptor.number(), SOL_SOCKET, SO_TIMESTAMPING, kStamps);
    const auto peer = SocketAddress::of(to.host, to.port);
    if (::connect(descriptor.number(), peer.data(), peer.length) != 0) no_way = errno;
  }

  void read_error_queue(const DatagramEvents& events) {
    using Origin = detail::Ancillary::Cause::Origin;
    for (int n = 0; n < kTurn && errors.receive(descriptor.number(), MSG_ERRQUEUE) > 0; ++n) {
      const auto ancillary = errors.ancillary(0);
      if (!ancillary.cause) continue;
      const auto& cause = *ancillary.cause;
      const auto peer = errors.peer(0);
      if (cause.origin == Origin::TransmitStamp && ancillary.stamp && events.transmitted) {
        events.transmitted(*ancillary.stamp);
      } else if (cause.origin == Origin::Icmp && peer && events.notice) {
        events.notice(
            {.reporter = cause.reporter.value_or(*peer), .type = cause.type, .code = cause.code});
      }
    }
  }

  const FileDescriptor descriptor;
  detail::MessageBatch answers;
  detail::MessageBatch errors;
  int no_way = 0;  // why it could not be connected: told when something is to be sent
};

DatagramSocket::DatagramSocket(const Endpoint& peer, std::size_t longest)
    : impl_(std::make_unique<Impl>(peer, longest)) {}
DatagramSocket::~DatagramSocket() = default;

int DatagramSocket::descriptor() const noexcept { return impl_->descriptor.number(); }

int DatagramSocket::send(Bytes bytes) noexcept {
  if (impl_->no_way != 0) return impl_->no_way;
  return ::send(descriptor(), bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0 ? errno : 0;
}

void DatagramSocket::receive(const DatagramEvents& events) {
  for (int n = 0; n < kTurn; ++n) {
    // What was sent is stamped before it leaves: when its answer is here, so is its stamp.
    const bool any = impl_->answers.receive(descriptor(), 0) > 0;
    const WallTime now = std::chrono::system_clock::now();
    impl_->read_error_queue(events);
    if (!any) return;
    const auto stamp = impl_->answers.ancillary(0).stamp;
    if (!events.datagram) continue;
    events.datagram({.bytes = impl_->answers.bytes(0),
                     .received = stamp.value_or(now),
                     .kernel_stamp = stamp.has_value()});
  }
}

}  // namespace mplane
