#include "icmp_filter.hpp"

#include "socket_filter.hpp"

#include <array>
#include <netinet/in.h>
#include <sys/socket.h>

namespace mplane::detail {
namespace {

// The packet starts with its IPv4 header.
bool filter_ip4(int descriptor, std::uint32_t identifier) noexcept {
  return attach(descriptor,
                std::array{
                    statement(BPF_LDX | BPF_B | BPF_MSH, 0),  // X: length of the IP header
                    statement(BPF_LD | BPF_B | BPF_IND, 0),   // type
                    branch(BPF_JEQ, 0, 0, 2),                 // echo reply?
                    statement(BPF_LD | BPF_H | BPF_IND, 4),   //   its identifier
                    branch(BPF_JEQ, identifier, 10, 11),
                    branch(BPF_JEQ, 3, 2, 0),   // unreachable,
                    branch(BPF_JEQ, 11, 1, 0),  // time exceeded,
                    branch(BPF_JEQ, 12, 0, 8),  // or parameter problem?
                    statement(BPF_LD | BPF_B | BPF_IND, 8),
                    statement(BPF_ALU | BPF_AND | BPF_K, 0x0f),
                    statement(BPF_ALU | BPF_LSH | BPF_K, 2),
                    statement(BPF_ALU | BPF_ADD | BPF_X, 0),
                    statement(BPF_MISC | BPF_TAX, 0),         // X: now with the quoted IP header
                    statement(BPF_LD | BPF_H | BPF_IND, 12),  // the quoted identifier
                    branch(BPF_JEQ, identifier, 0, 1),
                    statement(BPF_RET | BPF_K, kTake),
                    statement(BPF_RET | BPF_K, kDrop),
                });
}

// The packet starts with its ICMPv6 header; types are filtered apart.
bool filter_ip6(int descriptor, std::uint32_t identifier) noexcept {
  icmp6_filter types = icmp6_errors();
  ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &types);
  const bool set =
      ::setsockopt(descriptor, IPPROTO_ICMPV6, ICMP6_FILTER, &types, sizeof types) == 0;
  return set &&
         attach(descriptor, std::array{
                                statement(BPF_LD | BPF_B | BPF_ABS, 0),  // type
                                branch(BPF_JEQ, ICMP6_ECHO_REPLY, 0, 2),
                                statement(BPF_LD | BPF_H | BPF_ABS, 4),  // its identifier
                                branch(BPF_JEQ, identifier, 2, 3),
                                statement(BPF_LD | BPF_H | BPF_ABS, 52),  // the quoted identifier
                                branch(BPF_JEQ, identifier, 0, 1),
                                statement(BPF_RET | BPF_K, kTake),
                                statement(BPF_RET | BPF_K, kDrop),
                            });
}

}  // namespace

bool filter_icmp(int descriptor, IpFamily family, std::uint16_t identifier) noexcept {
  return family == IpFamily::Ip4 ? filter_ip4(descriptor, identifier)
                                 : filter_ip6(descriptor, identifier);
}

}  // namespace mplane::detail
