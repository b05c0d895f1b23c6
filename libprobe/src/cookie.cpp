#include "mplane/probe/cookie.hpp"

#include "mplane/model/detail/random_bytes.hpp"

#include <bit>
#include <cstddef>

namespace mplane {
namespace {

// SipHash reads its input as little-endian numbers, whatever the machine.
std::uint64_t number_at(std::span<const std::uint8_t> bytes, std::size_t count) noexcept {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < count; ++i) number |= std::uint64_t{bytes[i]} << (8 * i);
  return number;
}

struct SipState {
  std::uint64_t v0, v1, v2, v3;

  void round() noexcept {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }

  void absorb(std::uint64_t word) noexcept {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

}  // namespace

CookieKey CookieKey::random() {
  Secret secret{};
  detail::fill_with_random(std::as_writable_bytes(std::span(secret)));
  return CookieKey(secret);
}

CookieKey::CookieKey(const Secret& secret) noexcept
    : low_(number_at(secret, 8)), high_(number_at(std::span(secret).subspan(8), 8)) {}

std::uint64_t CookieKey::cookie_for(std::span<const std::uint8_t> message) const noexcept {
  SipState state{low_ ^ 0x736f6d6570736575U, high_ ^ 0x646f72616e646f6dU,
                 low_ ^ 0x6c7967656e657261U, high_ ^ 0x7465646279746573U};
  const std::uint64_t length = message.size();
  while (message.size() >= 8) {
    state.absorb(number_at(message, 8));
    message = message.subspan(8);
  }
  state.absorb((length << 56U) | number_at(message, message.size()));
  state.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace mplane
