#include "syn_filter.hpp"

#include "socket_filter.hpp"

#include <array>
#include <netinet/in.h>
#include <sys/socket.h>

namespace mplane::detail {
namespace {

constexpr std::uint32_t kAcknowledges = 0x10;
constexpr std::uint32_t kSynOrReset = 0x06;

// The packet starts with its IPv4 header.
bool filter_failures_ip4(int descriptor, const Ports& ports) noexcept {
  return attach(descriptor,
                std::array{
                    statement(BPF_LDX | BPF_B | BPF_MSH, 0),  // X: length of the IP header
                    statement(BPF_LD | BPF_B | BPF_IND, 0),   // type
                    branch(BPF_JEQ, 3, 2, 0),                 // unreachable,
                    branch(BPF_JEQ, 11, 1, 0),                // time exceeded,
                    branch(BPF_JEQ, 12, 0, 12),               // or parameter problem?
                    statement(BPF_LD | BPF_B | BPF_IND, 17),  // the quoted protocol
                    branch(BPF_JEQ, IPPROTO_TCP, 0, 10),
                    statement(BPF_LD | BPF_B | BPF_IND, 8),
                    statement(BPF_ALU | BPF_AND | BPF_K, 0x0f),
                    statement(BPF_ALU | BPF_LSH | BPF_K, 2),
                    statement(BPF_ALU | BPF_ADD | BPF_X, 0),
                    statement(BPF_MISC | BPF_TAX, 0),        // X: now with the quoted IP header
                    statement(BPF_LD | BPF_H | BPF_IND, 8),  // the quoted ports
                    branch(BPF_JEQ, ports.own, 0, 3),
                    statement(BPF_LD | BPF_H | BPF_IND, 10),
                    branch(BPF_JEQ, ports.target, 0, 1),
                    statement(BPF_RET | BPF_K, kTake),
                    statement(BPF_RET | BPF_K, kDrop),
                });
}

// The packet starts with its ICMPv6 header; types are filtered apart.
bool filter_failures_ip6(int descriptor, const Ports& ports) noexcept {
  const icmp6_filter types = icmp6_errors();
  const bool set =
      ::setsockopt(descriptor, IPPROTO_ICMPV6, ICMP6_FILTER, &types, sizeof types) == 0;
  return set && attach(descriptor, std::array{
                                       statement(BPF_LD | BPF_B | BPF_ABS, 14),
                                       branch(BPF_JEQ, IPPROTO_TCP, 0, 5),  // quoted next header
                                       statement(BPF_LD | BPF_H | BPF_ABS, 48),  // quoted ports
                                       branch(BPF_JEQ, ports.own, 0, 3),
                                       statement(BPF_LD | BPF_H | BPF_ABS, 50),
                                       branch(BPF_JEQ, ports.target, 0, 1),
                                       statement(BPF_RET | BPF_K, kTake),
                                       statement(BPF_RET | BPF_K, kDrop),
                                   });
}

}  // namespace

bool filter_syn_answers(int descriptor, IpFamily family, const Ports& ports) noexcept {
  // A packet of IPv4 starts with its IP header, one of IPv6 behind it.
  const auto header = family == IpFamily::Ip4 ? statement(BPF_LDX | BPF_B | BPF_MSH, 0)
                                              : statement(BPF_LDX | BPF_W | BPF_IMM, 0);
  return attach(descriptor, std::array{
                                header,
                                statement(BPF_LD | BPF_H | BPF_IND, 0),
                                branch(BPF_JEQ, ports.target, 0, 6),
                                statement(BPF_LD | BPF_H | BPF_IND, 2),
                                branch(BPF_JEQ, ports.own, 0, 4),
                                statement(BPF_LD | BPF_B | BPF_IND, 13),  // flags
                                branch(BPF_JSET, kAcknowledges, 0, 2),
                                branch(BPF_JSET, kSynOrReset, 0, 1),
                                statement(BPF_RET | BPF_K, kTake),
                                statement(BPF_RET | BPF_K, kDrop),
                            });
}

bool filter_syn_failures(int descriptor, IpFamily family, const Ports& ports) noexcept {
  return family == IpFamily::Ip4 ? filter_failures_ip4(descriptor, ports)
                                 : filter_failures_ip6(descriptor, ports);
}

}  // namespace mplane::detail
