#pragma once

#include "mplane/probe/icmp_packet.hpp"
#include "mplane/probe/socket_address.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

// TCP on the wire (RFC 9293 section 3.1), as far as asking for a connection goes, as pure
// functions.
//
//      0             2             4          8              12        13      14       16    18 20
//     +-------------+-------------+----------+--------------+---------+-------+--------+-----+----+
//     | from port   | to port     | sequence | acknowledged | length  | flags | window | sum | 0  |
//     +-------------+-------------+----------+--------------+---------+-------+--------+-----+----+

namespace mplane {

/// The bytes of a TCP header without options.
inline constexpr std::size_t kTcpHeader = 20;

/// A segment that asks for a connection, with its checksum: all its fields but sequence number and
/// checksum depend on the endpoints alone. @pre both are of one family.
std::array<std::uint8_t, kTcpHeader> encode_syn(const Endpoint& from, const Endpoint& to,
                                                std::uint32_t sequence) noexcept;

/// What was said to a SYN.
struct SynAnswer {
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint32_t sequence = 0;  ///< of the SYN: what is acknowledged is the one behind it
  bool reset = false;          ///< else it is a SYN-ACK
};

/// Reads a segment: SYN-ACK and a reset that acknowledges (RFC 9293 section 3.5.2) are answers,
/// all else is none, as is what is cut short. Its checksum is not looked at: between hosts of one
/// machine, and behind network cards that reckon it, nobody fills it in. Never throws.
std::optional<SynAnswer> decode_syn_answer(Bytes segment) noexcept;

/// The TCP segment in an IPv4 packet, as raw sockets deliver it; empty if there is none.
Bytes tcp_in_ip4(Bytes packet) noexcept;

/// An ICMP error about a segment of ours.
struct SegmentFailure {
  std::uint8_t type = 0;  ///< as on the wire
  std::uint8_t code = 0;  ///< as on the wire
  Address destination;    ///< of the segment
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint32_t sequence = 0;
  Bytes extensions = {};  ///< what it says beside the quote (`icmp_extensions`)
};

/// Reads an ICMP message, without its IP header. Nothing if it is no error about a segment, if it
/// quotes less than the eight bytes that it has to (RFC 792), or its checksum is wrong (IPv4 only;
/// for IPv6 the kernel has checked it). Never throws, whatever the bytes.
std::optional<SegmentFailure> decode_segment_failure(IpFamily family, Bytes message) noexcept;

}  // namespace mplane
