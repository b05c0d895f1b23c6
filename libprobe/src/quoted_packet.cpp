#include "quoted_packet.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace mplane::detail {
namespace {

constexpr std::size_t kIp4Header = ip_header(IpFamily::Ip4);
constexpr std::size_t kIp6Header = ip_header(IpFamily::Ip6);

template <typename Ip, std::size_t N>
Ip address_at(Bytes bytes, std::size_t place) noexcept {
  std::array<std::uint8_t, N> address{};
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(place), N, address.begin());
  return Ip(address);
}

}  // namespace

std::optional<QuotedPacket> quoted_packet(IpFamily family, std::uint8_t protocol,
                                          Bytes quote) noexcept {
  if (family == IpFamily::Ip6) {
    const bool ours = quote.size() >= kIp6Header && quote[0] >> 4U == 6 && quote[6] == protocol;
    if (!ours) return std::nullopt;
    return QuotedPacket{address_at<Ip6, 16>(quote, 24), quote.subspan(kIp6Header)};
  }
  const bool ours = quote.size() >= kIp4Header && quote[0] >> 4U == 4 && quote[9] == protocol;
  if (!ours) return std::nullopt;
  const std::size_t header = (quote[0] & 0x0fU) * std::size_t{4};
  if (header < kIp4Header || quote.size() < header) return std::nullopt;
  return QuotedPacket{address_at<Ip4, 4>(quote, 16), quote.subspan(header)};
}

}  // namespace mplane::detail
