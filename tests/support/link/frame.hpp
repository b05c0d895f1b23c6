#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace mplane::test {

/// Whether an Ethernet frame only keeps the link itself going (ARP, neighbour discovery, listener
/// reports): such frames pass at once and are not counted, so that a lost packet is a lost packet
/// and not an address that could not be resolved.
bool is_housekeeping(std::span<const std::uint8_t> frame) noexcept;

/// What an Ethernet frame carries, in words: "icmp4 type=8 id=19792 seq=7 source=10.77.0.1
/// destination=10.77.0.2", "udp4 source=… destination=… ports=4711-862 first=00000007" (the first
/// four bytes of the payload in hexadecimal), "tcp6 …", "other".
std::string describe(std::span<const std::uint8_t> frame);

}  // namespace mplane::test
