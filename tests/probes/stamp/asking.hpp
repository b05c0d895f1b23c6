#pragma once

#include "mplane/probes/stamp/packet.hpp"
#include "probes/name_server.hpp"
#include "probes/stamp/stamp_rig.hpp"

#include <chrono>
#include <cstdint>
#include <future>
#include <string>
#include <sys/socket.h>

#include <catch2/catch.hpp>

namespace mplane::test {

inline Packet packet_of(const StampReply& reply) {
  Packet packet(44);
  StampWire().encode(reply, packet);
  return packet;
}

/// As a reflector without fault and without memory would reply.
inline StampReply honest(const StampRequest& request) {
  const StampTime now = StampTime::ntp(std::chrono::system_clock::now());
  return {.sequence = request.sequence,
          .sent = now,
          .error = {.synchronized = true, .scale = 20, .multiplier = 1},
          .session = request.session,
          .received = now,
          .request = request,
          .sender_hop_limit = 64};
}

/// A sender of our own making.
class Asking {
 public:
  explicit Asking(const NetworkNamespace& network, const std::string& host = "127.0.0.1",
                  std::uint16_t port = 0) {
    std::async(std::launch::async, [&] {
      network.enter();
      socket_ = FileDescriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    }).get();
    const auto local = SocketAddress::of(Address::parse(host), port);
    REQUIRE(::bind(socket_.number(), local.data(), local.length) == 0);
    const timeval patience{.tv_sec = 0, .tv_usec = 300'000};
    ::setsockopt(socket_.number(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }

  /// What comes back; empty if nothing does.
  Packet ask(const Packet& packet, std::uint16_t port, const std::string& host = "127.0.0.1") {
    const auto to = SocketAddress::of(Address::parse(host), port);
    ::sendto(socket_.number(), packet.data(), packet.size(), 0, to.data(), to.length);
    Packet answer(2'000);
    const auto size = ::recv(socket_.number(), answer.data(), answer.size(), 0);
    answer.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return answer;
  }

 private:
  FileDescriptor socket_;
};

inline constexpr std::uint16_t kPort = 48'620;

inline Texts listening(const Texts& more = {}) {
  Texts settings{{"port", std::to_string(kPort)}};
  settings.insert(more.begin(), more.end());
  return settings;
}

inline Packet request_packet(std::uint32_t sequence = 0, std::uint16_t session = 9) {
  Packet packet(44);
  StampWire().encode(StampRequest{.sequence = sequence, .session = session}, packet);
  return packet;
}

}  // namespace mplane::test
