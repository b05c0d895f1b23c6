#include "packed_address.hpp"

#include <algorithm>
#include <array>

namespace mplane::detail {
namespace {

// The last byte of a cell: 0 to 32 an IPv4 network of that length, 33 an IPv4 host; from 64 on the
// same for IPv6.
constexpr std::uint8_t kHost4 = 33;
constexpr std::uint8_t kFirst6 = 64;
constexpr std::uint8_t kHost6 = kFirst6 + 129;

std::uint8_t kind_of(const Address& address) noexcept {
  if (!address.is_network()) return address.is_ip4() ? kHost4 : kHost6;
  return static_cast<std::uint8_t>((address.is_ip4() ? 0 : kFirst6) + address.prefix_length());
}

template <typename Bytes>
void append(std::vector<std::uint8_t>& out, const Bytes& bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

template <std::size_t size>
std::array<std::uint8_t, size> take(const std::uint8_t* const from) noexcept {
  std::array<std::uint8_t, size> bytes{};
  std::copy_n(from, size, bytes.begin());
  return bytes;
}

}  // namespace

void pack(std::vector<std::uint8_t>& bytes, const bool wide, const Address& address) {
  if (address.is_ip6()) {
    append(bytes, address.ip6().bytes());
  } else {
    append(bytes, address.ip4().bytes());
    if (wide) bytes.insert(bytes.end(), 12, 0);
  }
  bytes.push_back(kind_of(address));
}

Address unpacked(const std::vector<std::uint8_t>& bytes, const bool wide, const std::size_t cell) {
  const std::uint8_t* const begin = bytes.data() + cell * packed_size(wide);
  const std::uint8_t kind = begin[packed_size(wide) - 1];
  if (kind >= kFirst6) {
    const Ip6 ip6(take<16>(begin));
    return kind == kHost6 ? Address(ip6) : Address::network(ip6, kind - kFirst6);
  }
  const Ip4 ip4(take<4>(begin));
  return kind == kHost4 ? Address(ip4) : Address::network(ip4, kind);
}

std::vector<std::uint8_t> widened(const std::vector<std::uint8_t>& narrow) {
  std::vector<std::uint8_t> wide;
  const std::size_t cells = narrow.size() / packed_size(false);
  wide.reserve(cells * packed_size(true));
  for (std::size_t cell = 0; cell < cells; ++cell) pack(wide, true, unpacked(narrow, false, cell));
  return wide;
}

}  // namespace mplane::detail
