#include "mplane/probe/icmp_packet.hpp"

#include "quoted_packet.hpp"

#include <algorithm>
#include <array>

namespace mplane {
namespace {

constexpr std::uint8_t kProtocolIcmp4 = 1;
constexpr std::uint8_t kProtocolIcmp6 = 58;
constexpr std::size_t kIp4Header = ip_header(IpFamily::Ip4);
constexpr std::size_t kShortestQuote = 128;  // in front of extensions
constexpr std::size_t kExtensionHeader = 4;

// RFC 792 and RFC 4443 number the same things differently.
struct Types {
  std::uint8_t echo_request;
  std::uint8_t echo_reply;
};
constexpr Types kTypes4{.echo_request = 8, .echo_reply = 0};
constexpr Types kTypes6{.echo_request = 128, .echo_reply = 129};

constexpr const Types& types_of(IpFamily family) noexcept {
  return family == IpFamily::Ip4 ? kTypes4 : kTypes6;
}

std::uint16_t number_at(Bytes bytes, std::size_t place) noexcept {
  return static_cast<std::uint16_t>((bytes[place] << 8U) | bytes[place + 1]);
}

void put_number(std::span<std::uint8_t> out, std::size_t place, std::uint16_t number) noexcept {
  out[place] = static_cast<std::uint8_t>(number >> 8U);
  out[place + 1] = static_cast<std::uint8_t>(number & 0xffU);
}

template <typename Ip, std::size_t N>
Ip address_at(Bytes bytes, std::size_t place) noexcept {
  std::array<std::uint8_t, N> address{};
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(place), N, address.begin());
  return Ip(address);
}

Echo echo_in(Bytes message) noexcept {
  return {.identifier = number_at(message, 4),
          .sequence = number_at(message, 6),
          .payload = message.subspan(kEchoHeader)};
}

// Where the next link's limit stands: RFC 1191 section 4, RFC 4443 section 3.2.
std::uint32_t mtu_in(IpFamily family, Bytes message) noexcept {
  const std::uint32_t low = number_at(message, 6);
  return family == IpFamily::Ip4 ? low : (std::uint32_t{number_at(message, 4)} << 16U) | low;
}

std::optional<EchoFailure> failure_in(IpFamily family, Bytes message) noexcept {
  const auto trouble = trouble_of(family, message[0], message[1]);
  if (!trouble) return std::nullopt;
  const auto packet =
      detail::quoted_packet(family, family == IpFamily::Ip4 ? kProtocolIcmp4 : kProtocolIcmp6,
                            message.subspan(kEchoHeader));
  if (!packet) return std::nullopt;
  const auto request = decode_quoted_echo(family, packet->content);
  if (!request) return std::nullopt;
  return EchoFailure{.trouble = *trouble,
                     .type = message[0],
                     .code = message[1],
                     .destination = packet->destination,
                     .request = *request,
                     .mtu = *trouble == IcmpTrouble::TooBig ? mtu_in(family, message) : 0,
                     .extensions = icmp_extensions(family, message)};
}

}  // namespace

std::optional<IcmpTrouble> trouble_of(IpFamily family, std::uint8_t type,
                                      std::uint8_t code) noexcept {
  constexpr std::uint8_t kFragmentationNeeded = 4;
  if (family == IpFamily::Ip4) {
    switch (type) {
      case 3:
        return code == kFragmentationNeeded ? IcmpTrouble::TooBig : IcmpTrouble::Unreachable;
      case 11:
        return IcmpTrouble::TimeExceeded;
      case 12:
        return IcmpTrouble::ParameterProblem;
      default:
        return std::nullopt;
    }
  }
  switch (type) {
    case 1:
      return IcmpTrouble::Unreachable;
    case 2:
      return IcmpTrouble::TooBig;
    case 3:
      return IcmpTrouble::TimeExceeded;
    case 4:
      return IcmpTrouble::ParameterProblem;
    default:
      return std::nullopt;
  }
}

std::size_t encode_echo_request(IpFamily family, const Echo& echo,
                                std::span<std::uint8_t> out) noexcept {
  const std::size_t size = kEchoHeader + echo.payload.size();
  if (out.size() < size) return 0;
  out[0] = types_of(family).echo_request;
  out[1] = 0;
  put_number(out, 2, 0);
  put_number(out, 4, echo.identifier);
  put_number(out, 6, echo.sequence);
  std::copy(echo.payload.begin(), echo.payload.end(), out.begin() + kEchoHeader);
  if (family == IpFamily::Ip4) put_number(out, 2, internet_checksum(out.first(size)));
  return size;
}

IcmpMessage decode_icmp(IpFamily family, Bytes message) noexcept {
  if (message.size() < kEchoHeader) return {};
  if (family == IpFamily::Ip4 && internet_checksum(message) != 0) return {};
  const bool is_reply = message[0] == types_of(family).echo_reply && message[1] == 0;
  if (is_reply) return {.reply = echo_in(message)};
  return {.failure = failure_in(family, message)};
}

// RFC 4884 section 3: where how long the quote is stands, and in what unit; not in every error.
Bytes icmp_extensions(IpFamily family, Bytes message) noexcept {
  if (message.size() < kEchoHeader) return {};
  const bool ip4 = family == IpFamily::Ip4;
  const bool may_have = ip4 ? message[0] == 3 || message[0] == 11 || message[0] == 12
                            : message[0] == 1 || message[0] == 3;
  if (!may_have) return {};
  const Bytes rest = message.subspan(kEchoHeader);
  const std::size_t length = ip4 ? message[5] * std::size_t{4} : message[4] * std::size_t{8};
  if (length == 0) return unmarked_extensions(rest);
  if (length < kShortestQuote || length > rest.size()) return {};
  const Bytes extensions = rest.subspan(length);
  return are_extensions(extensions) ? extensions : Bytes();
}

Bytes unmarked_extensions(Bytes quote, std::size_t headers) noexcept {
  if (headers > kShortestQuote || quote.size() + headers < kShortestQuote) return {};
  const Bytes extensions = quote.subspan(kShortestQuote - headers);
  // Whatever was sent may stand there: without a checksum nobody can tell.
  const bool sure = are_extensions(extensions) && number_at(extensions, 2) != 0;
  return sure ? extensions : Bytes();
}

bool are_extensions(Bytes bytes) noexcept {
  if (bytes.size() < kExtensionHeader || bytes[0] >> 4U != 2) return false;
  return number_at(bytes, 2) == 0 || internet_checksum(bytes) == 0;
}

std::optional<Echo> decode_quoted_echo(IpFamily family, Bytes message) noexcept {
  const bool is_request =
      message.size() >= kEchoHeader && message[0] == types_of(family).echo_request;
  if (!is_request) return std::nullopt;
  return echo_in(message);
}

std::optional<Ip4Packet> decode_ip4_icmp(Bytes packet) noexcept {
  if (packet.size() < kIp4Header || packet[0] >> 4U != 4) return std::nullopt;
  const std::size_t header = (packet[0] & 0x0fU) * std::size_t{4};
  const std::size_t length = number_at(packet, 2);
  const bool whole = header >= kIp4Header && header <= length && length <= packet.size();
  if (!whole || packet[9] != kProtocolIcmp4) return std::nullopt;
  return Ip4Packet{.source = address_at<Ip4, 4>(packet, 12),
                   .destination = address_at<Ip4, 4>(packet, 16),
                   .hop_limit = packet[8],
                   .content = packet.subspan(header, length - header)};
}

std::uint16_t internet_checksum(Bytes bytes) noexcept {
  std::uint64_t sum = 0;
  std::size_t place = 0;
  for (; place + 1 < bytes.size(); place += 2) sum += number_at(bytes, place);
  if (place < bytes.size()) sum += static_cast<std::uint64_t>(bytes[place]) << 8U;
  while (sum > 0xffffU) sum = (sum & 0xffffU) + (sum >> 16U);
  return static_cast<std::uint16_t>(~sum & 0xffffU);
}

}  // namespace mplane
