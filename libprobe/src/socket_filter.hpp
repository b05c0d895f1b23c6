#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <linux/filter.h>
#include <netinet/icmp6.h>
#include <sys/socket.h>

// Words of the programs that tell the kernel which packets a raw socket wants (socket(7),
// SO_ATTACH_FILTER). Loads beyond a packet's end drop it.

namespace mplane::detail {

inline constexpr std::uint32_t kTake = 0xffffffff;  // the whole packet
inline constexpr std::uint32_t kDrop = 0;

constexpr sock_filter statement(unsigned code, std::uint32_t k) noexcept {
  return {static_cast<std::uint16_t>(code), 0, 0, k};
}

// Goes on with the next instruction, or skips so many.
constexpr sock_filter branch(unsigned test, std::uint32_t k, std::uint8_t if_so,
                             std::uint8_t if_not) noexcept {
  return {static_cast<std::uint16_t>(BPF_JMP | test | BPF_K), if_so, if_not, k};
}

/// What the kernel is to hand over of ICMPv6 by its type alone: errors.
inline icmp6_filter icmp6_errors() noexcept {
  icmp6_filter types{};
  ICMP6_FILTER_SETBLOCKALL(&types);
  ICMP6_FILTER_SETPASS(ICMP6_DST_UNREACH, &types);
  ICMP6_FILTER_SETPASS(ICMP6_PACKET_TOO_BIG, &types);
  ICMP6_FILTER_SETPASS(ICMP6_TIME_EXCEEDED, &types);
  ICMP6_FILTER_SETPASS(ICMP6_PARAM_PROB, &types);
  return types;
}

/// @return whether the kernel took it. @post errno, if not.
template <std::size_t N>
bool attach(int descriptor, std::array<sock_filter, N> program) noexcept {
  const sock_fprog all{.len = N, .filter = program.data()};
  return ::setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &all, sizeof all) == 0;
}

}  // namespace mplane::detail
