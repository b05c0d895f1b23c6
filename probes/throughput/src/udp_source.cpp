#include "load_source.hpp"
#include "mplane/model/error.hpp"
#include "mplane/probe/socket.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <sys/socket.h>
#include <vector>

namespace mplane::detail {
namespace {

using namespace std::chrono_literals;

/// Each millisecond those that are due, so that a second of them is spread over all of it.
class UdpSource final : public LoadSource {
 public:
  UdpSource(Engine& engine, const Endpoint& receiver, std::uint64_t cookie, std::uint64_t rate,
            std::size_t octets)
      : engine_(engine),
        cookie_(cookie),
        each_second_(static_cast<double>(rate) / 8 / static_cast<double>(octets)),
        datagram_(octets, 0x55),
        socket_(open_socket(family_of(receiver.host), SOCK_DGRAM)) {
    constexpr int kBuffer = 1 << 20;
    const SocketAddress to = SocketAddress::of(receiver.host, receiver.port);
    if (!socket_ || ::connect(socket_.number(), to.data(), to.length) != 0) {
      throw Error(ErrorKind::Unavailable, "", "no datagrams can be sent there");
    }
    set_option(socket_.number(), SOL_SOCKET, SO_SNDBUF, kBuffer);
    begin_ = std::chrono::steady_clock::now();
    tick();
  }

  void end() override { next_.cancel(); }
  LoadSent sent() override { return {.datagrams = sent_, .error = error_}; }

 private:
  void tick() {
    constexpr auto kPeriod = 1ms;
    constexpr int kTurn = 256;         // datagrams; then others on the loop have theirs
    constexpr double kLongest = 0.01;  // seconds that are made up for; then it was not possible
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin_;
    const double due = passed.count() * each_second_ + 1;
    owed_ = std::min(owed_ + due - due_, std::max(each_second_ * kLongest, 1.0));
    due_ = due;
    int left = kTurn;
    for (; owed_ >= 1 && left > 0 && send_one(); --left) --owed_;
    next_ = engine_.after(left > 0 ? kPeriod : 0ms, [this] { tick(); });
  }

  /// False when the system does not take it, which it may at the next tick.
  bool send_one() {
    const auto tag = encode(LoadTag{cookie_, sent_});
    std::memcpy(datagram_.data(), tag.data(), tag.size());
    for (int attempt = 0; attempt < 2; ++attempt) {  // the first may tell what an earlier one met
      const ssize_t bytes = ::send(socket_.number(), datagram_.data(), datagram_.size(), 0);
      if (bytes >= 0) return ++sent_ > 0;
    }
    // It was full for now, or told what one more has met; else this host is in the way.
    if (errno != EAGAIN && errno != ENOBUFS && errno != ECONNREFUSED) error_ = errno;
    return false;
  }

  Engine& engine_;
  const std::uint64_t cookie_;
  const double each_second_;
  std::vector<std::uint8_t> datagram_;
  const FileDescriptor socket_;
  SteadyTime begin_;
  Timer next_;
  double due_ = 0;
  double owed_ = 0;
  std::uint64_t sent_ = 0;
  int error_ = 0;
};

}  // namespace

std::unique_ptr<LoadSource> make_udp_source(Engine& engine, const Endpoint& receiver,
                                            std::uint64_t cookie, std::uint64_t rate,
                                            std::size_t octets) {
  return std::make_unique<UdpSource>(engine, receiver, cookie, rate, octets);
}

}  // namespace mplane::detail
