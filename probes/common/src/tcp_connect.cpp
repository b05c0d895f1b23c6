#include "mplane/probes/common/tcp_connect.hpp"

#include "mplane/probe/socket.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <utility>

namespace mplane {
namespace {

FileDescriptor open_stream(IpFamily family) {
  FileDescriptor socket = open_socket(family, SOCK_STREAM);
  if (!socket) return socket;
  queue_errors(socket.number(), family);  // then they end the attempt, and tell who sent them
  set_option(socket.number(), IPPROTO_TCP, TCP_NODELAY, 1);
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

ConnectOutcome connect_outcome(IpFamily family, int error,
                               const std::optional<IcmpNotice>& notice) noexcept {
  if (notice && is_prohibition(family, *notice)) return ConnectOutcome::Prohibited;
  switch (error) {
    case ECONNREFUSED:
      return ConnectOutcome::Refused;
    case ETIMEDOUT:
      return ConnectOutcome::TimedOut;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENOPROTOOPT:
      return ConnectOutcome::Unreachable;
    default:
      return notice ? ConnectOutcome::Unreachable : ConnectOutcome::Unsent;
  }
}

void TcpConnect::begin(const Endpoint& target, std::chrono::nanoseconds wait, Done done) {
  target_ = target;
  done_ = std::move(done);
  const SocketAddress to = SocketAddress::of(target.host, target.port);
  start_ = std::chrono::steady_clock::now();
  socket_ = open_stream(family_of(target.host));
  if (!socket_) return finish({.error = errno});
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
  TcpConnection connection{.error = error,
                           .took = std::chrono::steady_clock::now() - start_,
                           .notice = take_notice(socket_.number())};
  connection.outcome = error == 0
                           ? ConnectOutcome::Connected
                           : connect_outcome(family_of(target_.host), error, connection.notice);
  add_kernel_view(socket_.number(), connection);
  finish(std::move(connection));
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
