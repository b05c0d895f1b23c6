#include "hop_prober.hpp"

#include "mplane/model/error.hpp"
#include "mplane/probe/icmp_socket.hpp"
#include "mplane/probe/socket.hpp"

#include <cerrno>
#include <cstring>
#include <netinet/in.h>

namespace mplane::detail {
namespace {

std::string echo_problem(IpFamily family) {
  try {
    const IcmpSocket socket(family, {});
    return {};
  } catch (const Error& error) {
    return error.message();
  }
}

}  // namespace

std::string problem_of(TraceMethod method, IpFamily family) {
  if (method == TraceMethod::Icmp) return echo_problem(family);
  const bool tcp = method == TraceMethod::Tcp;
  const FileDescriptor socket = open_socket(family, tcp ? SOCK_STREAM : SOCK_DGRAM);
  if (!socket) return std::string("no socket can be had: ") + std::strerror(errno);
  if (!queue_errors(socket.number(), family)) return "the kernel has no error queues";
  // Errors about attempts to connect came with the same release.
  if (tcp && !queue_extensions(socket.number(), family)) return "it takes Linux 5.9";
  return {};
}

void limit_hops(int descriptor, IpFamily family, int hop_limit) noexcept {
  const bool ip4 = family == IpFamily::Ip4;
  set_option(descriptor, ip4 ? IPPROTO_IP : IPPROTO_IPV6, ip4 ? IP_TTL : IPV6_UNICAST_HOPS,
             hop_limit);
}

void tell_hop_limits(int descriptor, IpFamily family) noexcept {
  const bool ip4 = family == IpFamily::Ip4;
  set_option(descriptor, ip4 ? IPPROTO_IP : IPPROTO_IPV6, ip4 ? IP_RECVTTL : IPV6_RECVHOPLIMIT, 1);
}

}  // namespace mplane::detail
