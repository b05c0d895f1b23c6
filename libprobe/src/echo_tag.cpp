#include "mplane/probe/echo_tag.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace mplane {
namespace {

template <typename Number>
void put(std::span<std::uint8_t> out, std::size_t place, Number number) noexcept {
  for (std::size_t i = sizeof number; i-- > 0; number >>= 8U) {
    out[place + i] = static_cast<std::uint8_t>(number & 0xffU);
  }
}

template <typename Number>
Number take(Bytes bytes, std::size_t place) noexcept {
  Number number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) {
    number = static_cast<Number>(number << 8U) | bytes[place + i];
  }
  return number;
}

std::uint64_t cookie_of(const CookieKey& key, const Address& target, const EchoTag& tag) noexcept {
  std::array<std::uint8_t, 25> message{};
  put(message, 0, tag.stream);
  put(message, 4, tag.number);
  if (target.is_ip4()) {
    const auto address = target.ip4();
    message[8] = 4;
    std::copy(address.bytes().begin(), address.bytes().end(), message.begin() + 9);
  } else {
    const auto address = target.ip6();
    message[8] = 6;
    std::copy(address.bytes().begin(), address.bytes().end(), message.begin() + 9);
  }
  return key.cookie_for(message);
}

}  // namespace

void write_echo_tag(const CookieKey& key, const Address& target, const EchoTag& tag,
                    std::span<std::uint8_t> payload) noexcept {
  assert(payload.size() >= kEchoTagSize);
  put(payload, 0, tag.stream);
  put(payload, 4, tag.number);
  put(payload, 8, cookie_of(key, target, tag));
}

std::optional<EchoTag> read_echo_tag(const CookieKey& key, const Address& target,
                                     Bytes payload) noexcept {
  if (payload.size() < kEchoTagSize) return std::nullopt;
  const EchoTag tag{.stream = take<std::uint32_t>(payload, 0),
                    .number = take<std::uint32_t>(payload, 4)};
  if (take<std::uint64_t>(payload, 8) != cookie_of(key, target, tag)) return std::nullopt;
  return tag;
}

}  // namespace mplane
