#include "source_addresses.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"

namespace mplane {
namespace {

constexpr unsigned kBits = 32;
constexpr unsigned kPointToPoint = 31;  // RFC 3021: both of two are hosts

std::uint32_t number_of(const Ip4& address) {
  std::uint32_t number = 0;
  for (const std::uint8_t byte : address.bytes()) number = number << 8U | byte;
  return number;
}

}  // namespace

SourceAddresses SourceAddresses::parse(const std::string_view text) {
  const Address address = Address::parse(text);
  if (!address.is_ip4()) {
    throw Error(ErrorKind::Malformed, "", mplane::quoted(text) + " is not of IPv4");
  }
  const std::uint32_t base = number_of(address.ip4());
  const unsigned length = address.is_network() ? address.prefix_length() : kBits;
  const std::size_t size = std::size_t{1} << (kBits - length);
  if (length >= kPointToPoint) return {base, size};
  return {base + 1, size - 2};
}

Ip4 SourceAddresses::of(const std::size_t component) const noexcept {
  const std::uint32_t number = first_ + static_cast<std::uint32_t>(component % size_);
  const auto byte = [&](const unsigned shift) {
    return static_cast<std::uint8_t>(number >> shift & 0xFFU);
  };
  return Ip4({byte(24), byte(16), byte(8), byte(0)});
}

}  // namespace mplane
