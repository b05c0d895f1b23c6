#include "receive_run.hpp"

#include "mplane/model/error.hpp"
#include "mplane/probe/socket.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <sys/socket.h>
#include <system_error>
#include <utility>

namespace mplane::detail {
namespace {

constexpr std::size_t kMostAtOnce = 16;    // senders that are heard, of whom one sends
constexpr std::size_t kMostKept = 10'000;  // loads in a result

FileDescriptor listen_at(const IpFamily family, const std::uint16_t port) {
  constexpr int kQueue = 16;
  FileDescriptor socket = bind_anywhere(family, SOCK_STREAM, port);
  if (socket && ::listen(socket.number(), kQueue) == 0) return socket;
  throw Error(ErrorKind::Unavailable, "parameters/destination.port",
              "TCP port " + std::to_string(port) +
                  " cannot be had: " + std::generic_category().message(errno));
}

}  // namespace

ReceiveRun::ReceiveRun(Engine& engine, const ReceiveTask& task, const LoadSettings& settings,
                       TargetCheck check)
    : engine_(engine), task_(task), settings_(settings), check_(std::move(check)) {
  start_ = std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

void ReceiveRun::begin(Finished finished) {
  constexpr int kBuffer = 4 << 20;  // what arrives while the loop does something else
  finished_ = std::move(finished);
  listener_ = listen_at(task_.family, task_.port);
  datagrams_.emplace(task_.family, task_.port, LoadTag::kSize, kBuffer);
  on_connection_ =
      engine_.watch(listener_.number(), {.readable = true}, [this](Readiness) { accept_one(); });
  on_datagram_ = engine_.watch(datagrams_->descriptor(), {.readable = true},
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
                             .dropped = [this] { return datagrams_->dropped(); },
                             .catch_up = [this] { receive_datagrams(); },
                             .ended = [this](IncomingLoad& load) { forget(load); }});
}

/// Whoever waits would be announced again and again while there is no descriptor for them.
void ReceiveRun::rest() {
  constexpr auto kPeriod = std::chrono::milliseconds(100);
  on_connection_.want({});
  again_ = engine_.after(kPeriod, [this] { on_connection_.want({.readable = true}); });
}

void ReceiveRun::receive_datagrams() {
  datagrams_->receive([this](const PortArrival& arrival) {
    for (IncomingLoad& load : incoming_) load.take(arrival.bytes, arrival.octets);
  });
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
