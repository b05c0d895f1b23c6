#pragma once

#include "mplane/model/address.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

// ICMP on the wire, as pure functions: bytes in, meaning out, and back.
//
// Echo request and reply (RFC 792, RFC 4443 section 4), numbers in network order:
//
//      0      1      2      3      4      5      6      7      8
//     +------+------+-------------+-------------+-------------+---------
//     | type | code |  checksum   | identifier  |  sequence   | payload
//     +------+------+-------------+-------------+-------------+---------
//
// An error has its own eight bytes, then quotes the packet that caused it: IP header and at least
// eight bytes (RFC 792), usually as much as fits (RFC 1812, RFC 4443).

namespace mplane {

enum class IpFamily : std::uint8_t { Ip4, Ip6 };

/// The family of an address.
inline IpFamily family_of(const Address& address) noexcept {
  return address.is_ip4() ? IpFamily::Ip4 : IpFamily::Ip6;
}

using Bytes = std::span<const std::uint8_t>;

/// The bytes of an IP header without options or extensions.
constexpr std::size_t ip_header(IpFamily family) noexcept {
  return family == IpFamily::Ip4 ? 20 : 40;
}
/// Those of a UDP header (RFC 768).
inline constexpr std::size_t kUdpHeader = 8;

/// An echo request or reply. The payload is a view of the bytes it was decoded from.
struct Echo {
  std::uint16_t identifier = 0;
  std::uint16_t sequence = 0;
  Bytes payload = {};
};

/// The bytes before an echo's payload.
inline constexpr std::size_t kEchoHeader = 8;

/// Writes an echo request. IPv4: with its checksum; IPv6: without, since that covers addresses the
/// kernel chooses, and the kernel fills it in.
/// @return the bytes written, 8 and the payload; 0 if `out` is too small for them.
std::size_t encode_echo_request(IpFamily family, const Echo& echo,
                                std::span<std::uint8_t> out) noexcept;

/// What a router or host had to say about an echo request of ours.
enum class IcmpTrouble : std::uint8_t {
  Unreachable,       ///< host, network, port, or administratively prohibited
  TooBig,            ///< a link on the path has a smaller MTU
  TimeExceeded,      ///< the hop limit ran out, or reassembly took too long
  ParameterProblem,  ///< a header was not understood
};

/// What an ICMP type and code mean; nothing if that is no error, or one that does no harm.
std::optional<IcmpTrouble> trouble_of(IpFamily family, std::uint8_t type,
                                      std::uint8_t code) noexcept;

/// An ICMP error about an echo request.
struct EchoFailure {
  IcmpTrouble trouble = IcmpTrouble::Unreachable;
  std::uint8_t type = 0;  ///< as on the wire
  std::uint8_t code = 0;  ///< as on the wire
  Address destination;    ///< of the request
  Echo request = {};      ///< as far as quoted: the payload may be cut, or missing
  std::uint32_t mtu = 0;  ///< that a link on the path has, if the error says so
  Bytes extensions = {};  ///< what it says beside the quote (`icmp_extensions`)
};

/// What an ICMP message says to one who sends echo requests: at most one of the two is there.
struct IcmpMessage {
  std::optional<Echo> reply = {};
  std::optional<EchoFailure> failure = {};
};

/// Reads an ICMP message, without its IP header. Anything that is neither an echo reply nor an
/// error about an echo request comes out empty, as does what is cut short or has a wrong checksum
/// (IPv4 only; for IPv6 the kernel has checked it). Never throws, whatever the bytes.
IcmpMessage decode_icmp(IpFamily family, Bytes message) noexcept;

/// What an ICMP error says behind the packet that it quotes (RFC 4884 section 7): a header of four
/// bytes, and objects; empty if there is nothing of the kind. Never throws, whatever the bytes.
/// @param message from its ICMP header on.
Bytes icmp_extensions(IpFamily family, Bytes message) noexcept;

/// Old routers add extensions without saying where they begin, always behind 128 bytes of quote
/// (RFC 4884 section 5.5). @param quote the packet, with all that follows, but for so many bytes of
/// `headers` in front.
Bytes unmarked_extensions(Bytes quote, std::size_t headers = 0) noexcept;

/// Whether bytes begin as extensions do: the right version, and a right checksum or none.
bool are_extensions(Bytes bytes) noexcept;

/// Reads the ICMP message that an error quotes, as an error queue hands it out: an echo request,
/// possibly cut after its header. Nothing if it is no echo request.
std::optional<Echo> decode_quoted_echo(IpFamily family, Bytes message) noexcept;

/// An IPv4 packet that carries ICMP, as raw sockets deliver it.
struct Ip4Packet {
  Ip4 source;
  Ip4 destination;
  std::uint8_t hop_limit = 0;
  Bytes content = {};
};

/// Reads an IPv4 header. Nothing if the packet is cut short or does not carry ICMP.
std::optional<Ip4Packet> decode_ip4_icmp(Bytes packet) noexcept;

/// The Internet checksum (RFC 1071) over bytes; 0 over bytes that hold their right checksum.
std::uint16_t internet_checksum(Bytes bytes) noexcept;

}  // namespace mplane
