#include "support/link/frame.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstddef>
#include <cstdio>
#include <optional>

namespace mplane::test {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kEthernetHeader = 14;
constexpr std::uint8_t kIcmp4 = 1;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kIcmp6 = 58;

unsigned number_at(Bytes bytes, std::size_t place) {
  return (unsigned{bytes[place]} << 8U) | bytes[place + 1];
}

struct Packet {
  int version;
  std::uint8_t protocol;
  std::string source;
  std::string destination;
  Bytes content;
};

std::string address_text(int family, Bytes bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family, bytes.data(), text.data(), text.size());
  return text.data();
}

// Headers behind the IPv6 one are looked through as far as hop-by-hop options, which listener
// reports have.
Packet ip6_packet(Bytes bytes) {
  std::uint8_t protocol = bytes[6];
  Bytes content = bytes.subspan(40);
  if (protocol == 0 && content.size() >= 8 && content.size() >= (content[1] + 1U) * 8) {
    protocol = content[0];
    content = content.subspan((content[1] + 1U) * 8);
  }
  return {6, protocol, address_text(AF_INET6, bytes.subspan(8, 16)),
          address_text(AF_INET6, bytes.subspan(24, 16)), content};
}

std::optional<Packet> packet_in(Bytes frame) {
  if (frame.size() < kEthernetHeader) return std::nullopt;
  const unsigned type = number_at(frame, 12);
  const Bytes bytes = frame.subspan(kEthernetHeader);
  if (type == 0x86dd && bytes.size() >= 40) return ip6_packet(bytes);
  if (type != 0x0800 || bytes.size() < 20) return std::nullopt;
  const std::size_t header = (bytes[0] & 0x0fU) * std::size_t{4};
  if (header < 20 || bytes.size() < header) return std::nullopt;
  return Packet{4, bytes[9], address_text(AF_INET, bytes.subspan(12, 4)),
                address_text(AF_INET, bytes.subspan(16, 4)), bytes.subspan(header)};
}

std::string icmp_text(const Packet& packet) {
  std::string text = "type=" + std::to_string(packet.content[0]);
  text += " id=" + std::to_string(number_at(packet.content, 4));
  return text + " seq=" + std::to_string(number_at(packet.content, 6));
}

std::string ports_text(const Packet& packet) {
  std::string text = "ports=" + std::to_string(number_at(packet.content, 0)) + "-" +
                     std::to_string(number_at(packet.content, 2));
  if (packet.protocol != kUdp || packet.content.size() < 12) return text;
  std::array<char, 9> first{};
  std::snprintf(first.data(), first.size(), "%04x%04x", number_at(packet.content, 8),
                number_at(packet.content, 10));
  return text + " first=" + first.data();
}

}  // namespace

bool is_housekeeping(Bytes frame) noexcept {
  constexpr unsigned kArp = 0x0806;
  if (frame.size() >= kEthernetHeader && number_at(frame, 12) == kArp) return true;
  const auto packet = packet_in(frame);
  if (!packet || packet->protocol != kIcmp6 || packet->content.empty()) return false;
  const std::uint8_t type = packet->content[0];
  const bool listener_report = (type >= 130 && type <= 132) || type == 143;
  return listener_report || (type >= 133 && type <= 137);  // RFC 4861
}

std::string describe(Bytes frame) {
  const auto packet = packet_in(frame);
  if (!packet || packet->content.size() < 8) return "other";
  const std::string ends = " source=" + packet->source + " destination=" + packet->destination;
  const std::string version = std::to_string(packet->version);
  switch (packet->protocol) {
    case kIcmp4:
    case kIcmp6:
      return "icmp" + version + " " + icmp_text(*packet) + ends;
    case kUdp:
      return "udp" + version + " " + ports_text(*packet) + ends;
    case kTcp:
      return "tcp" + version + " " + ports_text(*packet) + ends;
    default:
      return "other" + ends;
  }
}

}  // namespace mplane::test
