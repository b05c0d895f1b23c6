#include "receive_run.hpp"

#include "mplane/model/error.hpp"
#include "mplane/probe/socket.hpp"

#include <algorithm>
#include <cerrno>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <system_error>
#include <utility>

namespace mplane::detail {
namespace {

constexpr std::size_t kMostAtOnce = 16;    // senders that are heard, of whom one sends
constexpr std::size_t kMostKept = 10'000;  // loads in a result

FileDescriptor bind_to(const IpFamily family, const int type, const std::uint16_t port) {
  const Address anywhere = family == IpFamily::Ip4 ? Address(Ip4()) : Address(Ip6());
  const SocketAddress local = SocketAddress::of(anywhere, port);
  FileDescriptor socket = open_socket(family, type);
  constexpr int kYes = 1;
  if (family == IpFamily::Ip6) set_option(socket.number(), IPPROTO_IPV6, IPV6_V6ONLY, kYes);
  if (type == SOCK_STREAM) set_option(socket.number(), SOL_SOCKET, SO_REUSEADDR, kYes);
  if (socket && ::bind(socket.number(), local.data(), local.length) == 0) return socket;
  throw Error(ErrorKind::Unavailable, "parameters/destination.port",
              "cannot receive at port " + std::to_string(port) + ": " +
                  std::generic_category().message(errno));
}

}  // namespace

ReceiveRun::ReceiveRun(Engine& engine, const ReceiveTask& task, const LoadSettings& settings,
                       TargetCheck check)
    : engine_(engine), task_(task), settings_(settings), check_(std::move(check)) {
  start_ = std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

void ReceiveRun::begin(Finished finished) {
  constexpr int kQueue = 16;
  constexpr int kBuffer = 4 << 20;  // what arrives while the loop does something else
  finished_ = std::move(finished);
  listener_ = bind_to(task_.family, SOCK_STREAM, task_.port);
  datagrams_ = bind_to(task_.family, SOCK_DGRAM, task_.port);
  set_option(datagrams_.number(), SOL_SOCKET, SO_RCVBUF, kBuffer);
  if (::listen(listener_.number(), kQueue) != 0) {
    throw Error(ErrorKind::Unavailable, "", std::generic_category().message(errno));
  }
  on_connection_ =
      engine_.watch(listener_.number(), {.readable = true}, [this](Readiness) { accept_one(); });
  on_datagram_ = engine_.watch(datagrams_.number(), {.readable = true},
                               [this](Readiness) { receive_datagrams(); });
  if (task_.time) end_ = engine_.after(*task_.time, [this] { finished_(); });
}

void ReceiveRun::accept_one() {
  SocketAddress from;
  from.length = sizeof from.storage;
  FileDescriptor connection(::accept4(listener_.number(),
                                      reinterpret_cast<sockaddr*>(&from.storage), &from.length,
                                      SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!connection) return rest();
  const auto sender = host_in(from.storage);
  if (!sender || incoming_.size() >= kMostAtOnce) return;
  try {
    if (check_) check_(*sender);
  } catch (const Error&) {
    return;  // with whom we must not measure
  }
  incoming_.emplace_back(
      engine_, std::move(connection), *sender, settings_,
      IncomingLoad::Receiver{.claim = [this] { return claim(); },
                             .ended = [this](IncomingLoad& load) { forget(load); }});
}

/// Whoever waits would be announced again and again while there is no descriptor for them.
void ReceiveRun::rest() {
  constexpr auto kPeriod = std::chrono::milliseconds(100);
  on_connection_.want({});
  again_ = engine_.after(kPeriod, [this] { on_connection_.want({.readable = true}); });
}

void ReceiveRun::receive_datagrams() {
  constexpr int kTurn = 256;
  for (int n = 0; n < kTurn; ++n) {
    const ssize_t bytes = ::recv(datagrams_.number(), buffer_.data(), buffer_.size(), 0);
    if (bytes < 0) return;
    for (IncomingLoad& load : incoming_) {
      load.take(Bytes(buffer_.data(), static_cast<std::size_t>(bytes)));
    }
  }
}

bool ReceiveRun::claim() const {
  return std::none_of(incoming_.begin(), incoming_.end(),
                      [](const IncomingLoad& load) { return load.load().has_value(); });
}

void ReceiveRun::forget(IncomingLoad& ended) {
  keep(ended);
  incoming_.remove_if([&](const IncomingLoad& load) { return &load == &ended; });
}

void ReceiveRun::keep(const IncomingLoad& load) {
  if (load.load() && received_.size() < kMostKept) received_.push_back(*load.load());
}

Result ReceiveRun::take_result(const Specification& specification) {
  for (const IncomingLoad& load : incoming_) keep(load);
  return make_receive_result(specification, start_, received_);
}

}  // namespace mplane::detail
