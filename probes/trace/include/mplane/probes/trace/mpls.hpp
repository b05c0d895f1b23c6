#pragma once

#include "mplane/probe/icmp_packet.hpp"

#include <cstdint>
#include <string>
#include <vector>

// What an ICMP error says behind the packet it quotes (RFC 4884 section 7), as far as it is a stack
// of MPLS labels (RFC 4950), as pure functions:
//
//      0          1          2          3
//     +----------+----------+---------------------+
//     | 2, 0     | 0        | checksum            |   the header
//     +----------+----------+----------+----------+
//     | length of the object| class 1  | type 1   |   an object; others may stand around it
//     +---------------------+------+---+----------+
//     | label (20 bits)     | TC 3 | S | TTL      |   an entry, from the top of the stack
//     +---------------------+------+---+----------+   … and so on, to the object's length

namespace mplane {

/// One entry of a stack. A value.
struct MplsLabel {
  std::uint32_t label = 0;         ///< 20 bits
  std::uint8_t traffic_class = 0;  ///< 3 bits
  bool bottom = false;             ///< of the stack
  std::uint8_t ttl = 0;

  friend bool operator==(const MplsLabel&, const MplsLabel&) = default;
};

/// The stack that a packet had when it came to the router whose error has these extensions, from
/// the top; empty if there is none, or they are broken. Never throws, whatever the bytes.
std::vector<MplsLabel> mpls_labels(Bytes extensions);

/// "16004/1,16005/255": label and time to live of each entry, from the top.
std::string to_string(const std::vector<MplsLabel>& labels);

}  // namespace mplane
