#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace mplane {

/// Makes 64-bit cookies that only who holds the key can make: SipHash-2-4 (Aumasson, Bernstein
/// 2012). Put into what is sent and compared with what returns, they tell the replies to one's own
/// packets from forged ones. Immutable.
class CookieKey {
 public:
  using Secret = std::array<std::uint8_t, 16>;

  /// A key from the system's random numbers, never told to anybody.
  static CookieKey random();
  explicit CookieKey(const Secret& secret) noexcept;

  std::uint64_t cookie_for(std::span<const std::uint8_t> message) const noexcept;

 private:
  std::uint64_t low_;
  std::uint64_t high_;
};

}  // namespace mplane
