#include "support/link/packet_port.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdexcept>
#include <sys/socket.h>

namespace mplane::test {
namespace {

// struct virtio_net_hdr; the header that has it is not C++.
constexpr std::size_t kOffload = 10;
constexpr std::size_t kLongest = kOffload + 65'535 + ETH_HLEN;  // segmentation left to be done
constexpr int kReceiveBuffer = 16 << 20;

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

void set_option(int socket, int level, int option, int value, const char* name) {
  if (::setsockopt(socket, level, option, &value, sizeof value) != 0) fail(name);
}

LinkRecord::WallTime stamp_of(msghdr& header) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_TIMESTAMPNS) continue;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
    return LinkRecord::WallTime(std::chrono::seconds(stamp.tv_sec) +
                                std::chrono::nanoseconds(stamp.tv_nsec));
  }
  return std::chrono::system_clock::now();
}

}  // namespace

std::span<const std::uint8_t> Frame::ethernet() const noexcept {
  return std::span(bytes).subspan(kOffload);
}

PacketPort::PacketPort(const std::string& interface)
    : socket_(::socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)), buffer_(kLongest) {
  if (!socket_) fail("a packet socket cannot be had");
  const int fd = socket_.number();
  set_option(fd, SOL_PACKET, PACKET_VNET_HDR, 1, "offload headers are refused");
  set_option(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1, "own packets cannot be ignored");
  set_option(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1, "time stamps are refused");
  set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, kReceiveBuffer, "the buffer is refused");
  sockaddr_ll local{};
  local.sll_family = AF_PACKET;
  local.sll_protocol = htons(ETH_P_ALL);
  local.sll_ifindex = static_cast<int>(::if_nametoindex(interface.c_str()));
  if (local.sll_ifindex == 0) fail("no interface " + interface);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&local), sizeof local) != 0) {
    fail("the link cannot be bound to " + interface);
  }
}

std::optional<Frame> PacketPort::receive() {
  alignas(cmsghdr) std::array<std::uint8_t, 128> control{};
  iovec vector{.iov_base = buffer_.data(), .iov_len = buffer_.size()};
  msghdr header{};
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  const auto size = ::recvmsg(socket_.number(), &header, MSG_DONTWAIT);
  if (size < static_cast<ssize_t>(kOffload)) return std::nullopt;
  return Frame{{buffer_.begin(), buffer_.begin() + size}, stamp_of(header)};
}

void PacketPort::send(const Frame& frame) const noexcept {
  // Nothing to be done about a failure: the records say what was sent, and so it was.
  if (::send(socket_.number(), frame.bytes.data(), frame.bytes.size(), 0) < 0) return;
}

}  // namespace mplane::test
