#include "mplane/probe/tcp_segment.hpp"

#include "quoted_packet.hpp"

#include <algorithm>
#include <span>

namespace mplane {
namespace {

constexpr std::uint8_t kProtocolTcp = 6;
constexpr std::uint8_t kSyn = 0x02;  // RFC 9293 section 3.1
constexpr std::uint8_t kReset = 0x04;
constexpr std::uint8_t kAcknowledges = 0x10;
constexpr std::uint16_t kWindow = 0xffff;
constexpr std::size_t kLeastQuote = 8;  // of the packet behind its IP header: RFC 792

std::uint16_t number_at(Bytes bytes, std::size_t place) noexcept {
  return static_cast<std::uint16_t>((bytes[place] << 8U) | bytes[place + 1]);
}

std::uint32_t long_at(Bytes bytes, std::size_t place) noexcept {
  return (std::uint32_t{number_at(bytes, place)} << 16U) | number_at(bytes, place + 2);
}

void put(std::span<std::uint8_t> out, std::size_t place, std::uint32_t number) noexcept {
  out[place] = static_cast<std::uint8_t>((number >> 8U) & 0xffU);
  out[place + 1] = static_cast<std::uint8_t>(number & 0xffU);
}

// What the checksum covers before the segment: RFC 9293 section 3.1, RFC 8200 section 8.1. As the
// segment is short, and sums do not mind the order, one form with its zeros does for both.
struct Summed {
  std::array<std::uint8_t, 36 + kTcpHeader> bytes{};
  std::size_t size = 0;

  template <typename Octets>
  void add(const Octets& octets) noexcept {
    std::copy(octets.begin(), octets.end(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    size += octets.size();
  }
  void add(const Address& address) noexcept {
    address.is_ip4() ? add(address.ip4().bytes()) : add(address.ip6().bytes());
  }
};

}  // namespace

std::array<std::uint8_t, kTcpHeader> encode_syn(const Endpoint& from, const Endpoint& to,
                                                std::uint32_t sequence) noexcept {
  std::array<std::uint8_t, kTcpHeader> segment{};
  put(segment, 0, from.port);
  put(segment, 2, to.port);
  put(segment, 4, sequence >> 16U);
  put(segment, 6, sequence);
  segment[12] = (kTcpHeader / 4) << 4U;
  segment[13] = kSyn;
  put(segment, 14, kWindow);
  Summed summed;
  summed.add(from.host);
  summed.add(to.host);
  summed.add(std::array<std::uint8_t, 4>{0, kProtocolTcp, 0, kTcpHeader});
  summed.add(segment);
  put(segment, 16, internet_checksum(Bytes(summed.bytes).first(summed.size)));
  return segment;
}

std::optional<SynAnswer> decode_syn_answer(Bytes segment) noexcept {
  if (segment.size() < kTcpHeader) return std::nullopt;
  const std::uint8_t flags = segment[13];
  const bool answers = (flags & kAcknowledges) != 0 && (flags & (kSyn | kReset)) != 0;
  if (!answers) return std::nullopt;
  return SynAnswer{.source_port = number_at(segment, 0),
                   .destination_port = number_at(segment, 2),
                   .sequence = long_at(segment, 8) - 1,
                   .reset = (flags & kReset) != 0};
}

Bytes tcp_in_ip4(Bytes packet) noexcept {
  const auto inside = detail::quoted_packet(IpFamily::Ip4, kProtocolTcp, packet);
  return inside ? inside->content : Bytes();
}

std::optional<SegmentFailure> decode_segment_failure(IpFamily family, Bytes message) noexcept {
  constexpr std::size_t kIcmpHeader = 8;
  if (message.size() < kIcmpHeader || !trouble_of(family, message[0], message[1])) {
    return std::nullopt;
  }
  if (family == IpFamily::Ip4 && internet_checksum(message) != 0) return std::nullopt;
  const auto packet = detail::quoted_packet(family, kProtocolTcp, message.subspan(kIcmpHeader));
  if (!packet || packet->content.size() < kLeastQuote) return std::nullopt;
  return SegmentFailure{.type = message[0],
                        .code = message[1],
                        .destination = packet->destination,
                        .source_port = number_at(packet->content, 0),
                        .destination_port = number_at(packet->content, 2),
                        .sequence = long_at(packet->content, 4),
                        .extensions = icmp_extensions(family, message)};
}

}  // namespace mplane
