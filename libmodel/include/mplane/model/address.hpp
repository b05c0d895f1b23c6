#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace mplane {

/// An IPv4 address, bytes in network order. Immutable.
class Ip4 {
 public:
  constexpr Ip4() noexcept = default;  ///< 0.0.0.0
  explicit constexpr Ip4(std::array<std::uint8_t, 4> bytes) noexcept : bytes_(bytes) {}
  /// Four decimal numbers of 0 to 255 without leading zeros. @throws Error{Malformed}.
  static Ip4 parse(std::string_view text);
  constexpr const std::array<std::uint8_t, 4>& bytes() const noexcept { return bytes_; }
  friend constexpr auto operator<=>(const Ip4&, const Ip4&) noexcept = default;

 private:
  std::array<std::uint8_t, 4> bytes_{};
};

/// An IPv6 address, bytes in network order. Immutable.
class Ip6 {
 public:
  constexpr Ip6() noexcept = default;  ///< ::
  explicit constexpr Ip6(std::array<std::uint8_t, 16> bytes) noexcept : bytes_(bytes) {}
  /// RFC 4291 text, an embedded dotted IPv4 address included, no zone. @throws Error{Malformed}.
  static Ip6 parse(std::string_view text);
  constexpr const std::array<std::uint8_t, 16>& bytes() const noexcept { return bytes_; }
  friend constexpr auto operator<=>(const Ip6&, const Ip6&) noexcept = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

std::string to_string(const Ip4& address);
/// RFC 5952, always in hexadecimal groups (protocol, section 11).
std::string to_string(const Ip6& address);

/// A value of primitive `address`: a host or a network of either family. Immutable.
class Address {
 public:
  Address(const Ip4& host) noexcept;  // NOLINT(google-explicit-constructor): a host is an address
  Address(const Ip6& host) noexcept;  // NOLINT(google-explicit-constructor)
  /// A network. @throws Error{Invalid} if the length is over 32 or 128, or a host bit is set.
  static Address network(const Ip4& base, unsigned length);
  static Address network(const Ip6& base, unsigned length);
  /// A host, or `host/length` for a network. @throws Error{Malformed} naming the text.
  static Address parse(std::string_view text);

  bool is_ip4() const noexcept { return family_ == 4; }
  bool is_ip6() const noexcept { return family_ == 6; }
  /// Whether it was given with a length: 10.0.0.1/32 is a network of one host.
  bool is_network() const noexcept { return network_; }
  /// Of a network its length, of a host 32 or 128.
  unsigned prefix_length() const noexcept { return length_; }
  /// The host, or the network's first address. Only of that family.
  Ip4 ip4() const noexcept;
  Ip6 ip6() const noexcept { return Ip6(bytes_); }

  /// Whether every host of `other` is a host of this. A host contains itself.
  bool contains(const Address& other) const noexcept;

  /// By family, then by number, then hosts before networks, wide ones first.
  friend std::strong_ordering operator<=>(const Address&, const Address&) noexcept;
  friend bool operator==(const Address&, const Address&) noexcept = default;

 private:
  Address() noexcept = default;
  static Address as_network(Address host, unsigned length);

  std::array<std::uint8_t, 16> bytes_{};  // an IPv4 address in the first four
  std::uint8_t family_ = 4;
  std::uint8_t length_ = 32;
  bool network_ = false;
};

std::string to_string(const Address& address);
void append(std::string& out, const Address& address);

}  // namespace mplane
