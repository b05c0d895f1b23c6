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
  if (notice && is_port_unreachable(family, *notice)) return ConnectOutcome::Refused;
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
  if (::connect(socket_.number(), to.data(), to.length) == 0) {
    return judge(ConnectOutcome::Connected, 0, {});
  }
  if (errno != EINPROGRESS) {
    const int error = errno;
    const auto notice = take_notice(socket_.number());
    return judge(connect_outcome(family_of(target.host), error, notice), error, notice);
  }
  watch_ = engine_.watch(socket_.number(), {.writable = true}, [this](Readiness) { look(); });
  deadline_ = engine_.at(start_ + wait, [this] {
    TcpConnection connection{.outcome = ConnectOutcome::TimedOut};
    add_kernel_view(socket_.number(), connection);
    finish(std::move(connection));
  });
}

// The kernel queues an ICMP error, and wakes us, before it ends the attempt with it. So that there
// is no error yet does not make a connection, and what is queued ends the attempt, too.
void TcpConnect::look() {
  const int fd = socket_.number();
  const bool under_way = is_connecting(fd);  // asked first: then an error that ended it is there
  const int error = take_error(fd);
  if (!under_way && error == 0) return judge(ConnectOutcome::Connected, 0, {});
  const auto notice = take_notice(fd);
  if (error == 0 && !notice) return;  // woken for what tells nothing
  judge(connect_outcome(family_of(target_.host), error, notice), error, notice);
}

void TcpConnect::judge(ConnectOutcome outcome, int error, const std::optional<IcmpNotice>& notice) {
  TcpConnection connection{.outcome = outcome,
                           .error = error,
                           .took = std::chrono::steady_clock::now() - start_,
                           .notice = notice};
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
  if (connection.outcome == ConnectOutcome::Connected) {
    connection.socket = std::move(socket_);
  } else {
    socket_ = FileDescriptor();  // or the kernel might still try
  }
  end_ = engine_.after(std::chrono::nanoseconds(0), [done = std::exchange(done_, {}),
                                                     connection = std::move(connection)]() mutable {
    done(std::move(connection));
  });
}

}  // namespace mplane
