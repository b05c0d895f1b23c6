#pragma once

#include "mplane/model/address.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mplane::detail {

// Addresses side by side in a vector of bytes: the address in network order, then one byte for
// family and length. Narrow cells have room for IPv4, wide ones for both.

constexpr std::size_t packed_size(const bool wide) noexcept { return wide ? 17 : 5; }

/// Appends an address; an IPv6 one only to wide cells.
void pack(std::vector<std::uint8_t>& bytes, bool wide, const Address& address);

/// The address in a cell.
Address unpacked(const std::vector<std::uint8_t>& bytes, bool wide, std::size_t cell);

/// Narrow cells as wide ones.
std::vector<std::uint8_t> widened(const std::vector<std::uint8_t>& narrow);

}  // namespace mplane::detail
