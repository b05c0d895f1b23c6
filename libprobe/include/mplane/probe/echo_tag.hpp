#pragma once

#include "mplane/model/address.hpp"
#include "mplane/probe/cookie.hpp"
#include "mplane/probe/icmp_packet.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace mplane {

/// Which of our packets an echo is: the first 16 bytes of its payload.
///
///      0            4            8                        16
///     +------------+------------+-------------------------+---------
///     |   stream   |   number   |         cookie          | filling
///     +------------+------------+-------------------------+---------
///
/// The cookie is keyed, over stream, number and target: what returns with a right one answers
/// a packet that we sent to that target, and to no other. The sequence number in the ICMP header
/// wraps after 65,536 packets and can be guessed; this neither.
struct EchoTag {
  std::uint32_t stream = 0;  ///< whose it is among all who send over one socket
  std::uint32_t number = 0;  ///< which packet of the stream, from 0

  friend bool operator==(const EchoTag&, const EchoTag&) = default;
};

inline constexpr std::size_t kEchoTagSize = 16;

/// Writes tag and cookie into the first bytes of a payload of at least 16.
void write_echo_tag(const CookieKey& key, const Address& target, const EchoTag& tag,
                    std::span<std::uint8_t> payload) noexcept;

/// The tag of a payload that came back from a target, or about it. Nothing if it is too short or
/// the cookie is not the one for it.
std::optional<EchoTag> read_echo_tag(const CookieKey& key, const Address& target,
                                     Bytes payload) noexcept;

}  // namespace mplane
