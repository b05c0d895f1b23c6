#pragma once

#include "mplane/probe/file_descriptor.hpp"
#include "mplane/probe/icmp_packet.hpp"
#include "support/link/network_namespace.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <cstdint>
#include <functional>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace mplane::test {

using Octets = std::vector<std::uint8_t>;

inline void put16(Octets& out, std::size_t place, std::size_t number) {
  out.at(place) = static_cast<std::uint8_t>(number >> 8U);
  out.at(place + 1) = static_cast<std::uint8_t>(number & 0xffU);
}

/// An ICMP error about a packet. @param quote how many of its bytes are quoted, filled with zeros
/// to 128 where extensions follow. @param marked whether it says where those begin.
inline Octets icmp_error(IpFamily family, std::uint8_t type, std::uint8_t code,
                         const Octets& packet, std::size_t quote, const Octets& extensions = {},
                         bool marked = true) {
  Octets message{type, code, 0, 0, 0, 0, 0, 0};
  const std::size_t size = std::min(quote, packet.size());
  message.insert(message.end(), packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size));
  if (!extensions.empty()) {
    message.resize(8 + 128);
    message.insert(message.end(), extensions.begin(), extensions.end());
    const bool ip4 = family == IpFamily::Ip4;
    if (marked) message.at(ip4 ? 5 : 4) = ip4 ? 32 : 16;
  }
  if (family == IpFamily::Ip4) put16(message, 2, internet_checksum(message));
  return message;
}

/// A stack of MPLS labels as extensions (RFC 4950), with its checksum.
inline Octets mpls_extensions(const std::vector<std::uint32_t>& entries) {
  Octets bytes{0x20, 0, 0, 0, 0, 0, 1, 1};
  put16(bytes, 4, 4 + 4 * entries.size());
  for (const std::uint32_t entry : entries) {
    for (unsigned shift = 32; shift > 0; shift -= 8) {
      bytes.push_back(static_cast<std::uint8_t>((entry >> (shift - 8)) & 0xffU));
    }
  }
  put16(bytes, 2, internet_checksum(bytes));
  return bytes;
}

/// Sits at the eth0 of a host that forwards nothing, and sends ICMP messages, or others, of the
/// test's own making about what arrives there for others.
class FakeRouter {
 public:
  struct Answer {
    Octets message;                        ///< from its header on, behind that of IP
    std::optional<std::string> from = {};  ///< IPv4 alone; else the host's own address
    std::uint8_t hop_limit = 64;           ///< IPv4 alone
    std::uint8_t protocol = IPPROTO_ICMP;  ///< IPv4 alone
  };
  /// Told each packet, from its IP header on; on the router's one thread.
  using Respond = std::function<std::vector<Answer>(const Octets& packet)>;

  FakeRouter(const NetworkNamespace& host, Respond respond)
      : respond_(std::move(respond)), stop_(::eventfd(0, EFD_CLOEXEC)) {
    thread_ = std::thread([this, &host] {
      host.enter();
      run();
    });
    while (!ready_) std::this_thread::yield();
  }
  ~FakeRouter() {
    const std::uint64_t one = 1;
    if (::write(stop_.number(), &one, sizeof one) > 0) thread_.join();
  }
  FakeRouter(const FakeRouter&) = delete;
  FakeRouter& operator=(const FakeRouter&) = delete;

 private:
  static bool is_for_others(const Octets& packet) {
    if (packet.size() < 20) return false;
    if (packet[0] >> 4U == 4) return packet[16] != 10;  // hosts of the test are 10.77.0.0/24
    return packet[0] >> 4U == 6 && packet.size() >= 40 && packet[24] == 0x20;
  }

  void run() {
    const FileDescriptor in(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ALL)));
    ready_ = true;
    for (;;) {
      pollfd ready[] = {{in.number(), POLLIN, 0}, {stop_.number(), POLLIN, 0}};
      ::poll(ready, 2, -1);
      if (ready[1].revents != 0) return;
      Octets packet(2'048);
      sockaddr_ll peer{};
      socklen_t length = sizeof peer;
      const auto size = ::recvfrom(in.number(), packet.data(), packet.size(), 0,
                                   reinterpret_cast<sockaddr*>(&peer), &length);
      if (size < 0 || peer.sll_pkttype == PACKET_OUTGOING) continue;
      packet.resize(static_cast<std::size_t>(size));
      if (!is_for_others(packet)) continue;
      for (const Answer& answer : respond_(packet)) {
        packet[0] >> 4U == 4 ? send4(packet, answer) : send6(packet, answer);
      }
    }
  }

  static void send4(const Octets& packet, const Answer& answer) {
    Octets out{0x45, 0, 0, 0, 0, 0, 0, 0, answer.hop_limit, answer.protocol, 0, 0};
    in_addr from{};
    ::inet_pton(AF_INET, answer.from.value_or("10.77.0.2").c_str(), &from);
    const auto* const source = reinterpret_cast<const std::uint8_t*>(&from.s_addr);
    out.insert(out.end(), source, source + 4);
    out.insert(out.end(), packet.begin() + 12, packet.begin() + 16);  // back to its source
    out.insert(out.end(), answer.message.begin(), answer.message.end());
    put16(out, 2, out.size());
    const FileDescriptor socket(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    std::copy_n(out.begin() + 16, 4, reinterpret_cast<std::uint8_t*>(&to.sin_addr.s_addr));
    ::sendto(socket.number(), out.data(), out.size(), 0, reinterpret_cast<const sockaddr*>(&to),
             sizeof to);
  }

  static void send6(const Octets& packet, const Answer& answer) {
    const FileDescriptor socket(::socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6));
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    std::copy_n(packet.begin() + 8, 16, to.sin6_addr.s6_addr);
    ::sendto(socket.number(), answer.message.data(), answer.message.size(), 0,
             reinterpret_cast<const sockaddr*>(&to), sizeof to);
  }

  const Respond respond_;
  const FileDescriptor stop_;
  std::atomic<bool> ready_{false};
  std::thread thread_;
};

}  // namespace mplane::test
