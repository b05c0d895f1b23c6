#include "hop_prober.hpp"

#include "mplane/model/error.hpp"
#include "mplane/probe/icmp_socket.hpp"
#include "mplane/probe/socket.hpp"
#include "mplane/probe/syn_socket.hpp"

#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <utility>

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

std::unique_ptr<HopProber> make_tcp_prober(Engine& engine, const HopProberOptions& options,
                                           HopProber::Events events) {
  const bool raw = options.flows > 1 || SynSocket::is_allowed(family_of(options.target.host));
  return raw ? make_syn_prober(engine, options, std::move(events))
             : make_connecting_prober(engine, options, std::move(events));
}

std::string problem_of(TraceMethod method, IpFamily family, bool several_flows) {
  if (method == TraceMethod::Icmp) return echo_problem(family);
  const bool tcp = method == TraceMethod::Tcp;
  if (tcp && SynSocket::is_allowed(family)) return {};
  if (tcp && several_flows) {
    return "flows by TCP need a right that is missing, CAP_NET_RAW; without it each packet of "
           "trace-tcp is a flow of its own";
  }
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
