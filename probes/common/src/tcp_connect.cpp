#include "mplane/probes/common/tcp_connect.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <utility>

namespace mplane {
namespace {

void set(int descriptor, int level, int option) {
  const int on = 1;
  ::setsockopt(descriptor, level, option, &on, sizeof on);
}

FileDescriptor open_socket(bool ip4) {
  FileDescriptor socket(
      ::socket(ip4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return socket;
  // Then ICMP errors end the attempt, and tell who sent them.
  set(socket.number(), ip4 ? IPPROTO_IP : IPPROTO_IPV6, ip4 ? IP_RECVERR : IPV6_RECVERR);
  set(socket.number(), IPPROTO_TCP, TCP_NODELAY);
  return socket;
}

void add_kernel_view(int descriptor, TcpConnection& connection) {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) return;
  connection.retransmissions = info.tcpi_total_retrans;
  if (connection.outcome != ConnectOutcome::Connected) return;
  connection.rtt_us = info.tcpi_rtt;
  connection.segment = info.tcpi_snd_mss;
}

}  // namespace

std::string_view to_string(ConnectOutcome outcome) noexcept {
  constexpr std::array<std::string_view, 6> kNames{"connected",   "refused",   "prohibited",
                                                   "unreachable", "timed-out", "unsent"};
  return kNames.at(static_cast<std::size_t>(outcome));
}

void TcpConnect::begin(const Endpoint& target, std::chrono::nanoseconds wait, Done done) {
  target_ = target;
  done_ = std::move(done);
  const SocketAddress to = SocketAddress::of(target.host, target.port);
  start_ = std::chrono::steady_clock::now();
  socket_ = open_socket(target.host.is_ip4());
  if (!socket_) return finish({});
  const bool connected = ::connect(socket_.number(), to.data(), to.length) == 0;
  if (connected || errno != EINPROGRESS) return judge(connected ? 0 : errno);
  watch_ = engine_.watch(socket_.number(), {.writable = true}, [this](Readiness) {
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(socket_.number(), SOL_SOCKET, SO_ERROR, &error, &length);
    judge(error);
  });
  deadline_ = engine_.at(start_ + wait, [this] {
    TcpConnection connection{.outcome = ConnectOutcome::TimedOut};
    add_kernel_view(socket_.number(), connection);
    finish(std::move(connection));
  });
}

void TcpConnect::judge(int error) {
  TcpConnection connection{.took = std::chrono::steady_clock::now() - start_,
                           .notice = take_notice(socket_.number())};
  connection.outcome = outcome_of(error, connection.notice);
  add_kernel_view(socket_.number(), connection);
  finish(std::move(connection));
}

ConnectOutcome TcpConnect::outcome_of(int error,
                                      const std::optional<IcmpNotice>& notice) const noexcept {
  if (error == 0) return ConnectOutcome::Connected;
  if (notice && is_prohibition(family_of(target_.host), *notice)) return ConnectOutcome::Prohibited;
  switch (error) {
    case ECONNREFUSED:
      return ConnectOutcome::Refused;
    case ETIMEDOUT:
      return ConnectOutcome::TimedOut;
    case EACCES:
    case EPERM:
      return ConnectOutcome::Prohibited;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENOPROTOOPT:
      return ConnectOutcome::Unreachable;
    default:
      return notice ? ConnectOutcome::Unreachable : ConnectOutcome::Unsent;
  }
}

void TcpConnect::finish(TcpConnection connection) {
  if (!done_) return;
  if (connection.took == connection.took.zero()) {
    connection.took = std::chrono::steady_clock::now() - start_;
  }
  watch_.cancel();
  deadline_.cancel();
  if (socket_) {
    if (const auto local = local_endpoint(socket_.number())) connection.source_port = local->port;
  }
  if (connection.outcome == ConnectOutcome::Connected) connection.socket = std::move(socket_);
  end_ = engine_.after(std::chrono::nanoseconds(0), [done = std::exchange(done_, {}),
                                                     connection = std::move(connection)]() mutable {
    done(std::move(connection));
  });
}

}  // namespace mplane
