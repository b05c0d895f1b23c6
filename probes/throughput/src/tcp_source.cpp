#include "load_source.hpp"
#include "mplane/probe/socket.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <functional>
#include <linux/tcp.h>  // glibc's has less of tcp_info
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>
#include <utility>
#include <vector>

namespace mplane::detail {
namespace {

using namespace std::chrono_literals;

std::optional<tcp_info> info_of(int connection) noexcept {
  tcp_info info{};
  socklen_t length = sizeof info;
  const bool read = ::getsockopt(connection, IPPROTO_TCP, TCP_INFO, &info, &length) == 0;
  return read ? std::optional(info) : std::nullopt;
}

class TcpSource final : public LoadSource {
 public:
  TcpSource(Engine& engine, int connection, std::uint64_t rate, std::function<void()> failed)
      : engine_(engine),
        connection_(connection),
        each_second_(static_cast<double>(rate) / 8),
        failed_(std::move(failed)),
        payload_(unsent_at(rate), 0x55),
        begin_(std::chrono::steady_clock::now()) {
    // The kernel counts headers, too, so that it is slower than we are, and never waits for us:
    // then nothing is sent again only because it was the last for a while (RFC 8985 section 7).
    const auto paced = static_cast<std::uint64_t>(each_second_);
    set_option(connection, SOL_SOCKET, SO_MAX_PACING_RATE, paced);
    set_option(connection, IPPROTO_TCP, TCP_NOTSENT_LOWAT, static_cast<int>(payload_.size()));
    watch_ = engine.watch(connection, kSending, [this](Readiness ready) {
      // It has nothing to say before the end: then it, or its host, will take no more.
      if (ready.readable || ready.failed) return fail();
      send();
    });
    look();
  }

  void end() override {
    watch_.cancel();
    wake_.cancel();
    next_.cancel();
    ::shutdown(connection_, SHUT_WR);
  }

  LoadSent sent() override {
    LoadSent sent;
    const auto info = info_of(connection_);
    if (!info) return sent;
    sent.retransmissions = info->tcpi_total_retrans;
    sent.segment = info->tcpi_snd_mss;
    if (looks_ > 0) {
      sent.most_rtt_us = most_;
      sent.mean_rtt_us = static_cast<std::uint32_t>(sum_ / looks_);
    }
    constexpr std::uint32_t kNone = ~std::uint32_t{0};
    if (info->tcpi_min_rtt > 0 && info->tcpi_min_rtt != kNone)
      sent.least_rtt_us = info->tcpi_min_rtt;
    return sent;
  }

  std::uint64_t acknowledged() override {
    const auto info = info_of(connection_);
    return info ? info->tcpi_bytes_acked : 0;
  }

 private:
  static constexpr std::size_t kTurn = 16;  // chunks; then others have theirs
  static constexpr Readiness kSending{.readable = true, .writable = true};

  /// Octets that wait in the kernel unsent, a quarter of a millisecond's: over a path that is
  /// slower than the rate they have yet to go when the load ends.
  static std::size_t unsent_at(const std::uint64_t rate) {
    constexpr std::uint64_t kLeast = 16 * 1024;
    constexpr std::uint64_t kMost = 64 * 1024;
    return std::clamp(rate / 8 / 4'000, kLeast, kMost);
  }

  void send() {
    for (std::size_t n = 0; n < kTurn; ++n) {
      const auto octets = std::min(owed(), payload_.size());
      if (octets == 0) return rest();
      const ssize_t taken = ::send(connection_, payload_.data(), octets, MSG_NOSIGNAL);
      if (taken >= 0) {
        given_ += static_cast<double>(taken);
      } else if (errno != EINTR) {
        if (errno != EAGAIN) fail();
        return;
      }
    }
  }

  /// Octets that are due or soon will be, which bounds the kernel's first burst; what could not be
  /// sent for too long is no longer due.
  std::size_t owed() {
    constexpr double kAhead = 0.02;    // seconds
    constexpr double kLongest = 0.05;  // seconds
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin_;
    const double due = (passed.count() + kAhead) * each_second_;
    given_ = std::max(given_, due - each_second_ * kLongest);
    return static_cast<std::size_t>(due - given_);
  }

  /// Until something is due.
  void rest() {
    constexpr auto kPeriod = 1ms;
    watch_.want({.readable = true});
    wake_ = engine_.after(kPeriod, [this] { watch_.want(kSending); });
  }

  void fail() {
    watch_.cancel();
    wake_.cancel();
    next_.cancel();
    failed_();
  }

  void look() {
    constexpr auto kPeriod = 100ms;
    if (const auto info = info_of(connection_); info && info->tcpi_rtt > 0) {
      ++looks_;
      sum_ += info->tcpi_rtt;
      most_ = std::max(most_, info->tcpi_rtt);
    }
    next_ = engine_.after(kPeriod, [this] { look(); });
  }

  Engine& engine_;
  const int connection_;
  const double each_second_;  ///< octets
  const std::function<void()> failed_;
  const std::vector<std::uint8_t> payload_;
  const SteadyTime begin_;
  double given_ = 0;  ///< octets that are no longer due
  Watch watch_;
  Timer wake_;
  Timer next_;
  std::uint64_t looks_ = 0;
  std::uint64_t sum_ = 0;
  std::uint32_t most_ = 0;
};

}  // namespace

std::unique_ptr<LoadSource> make_tcp_source(Engine& engine, int connection, std::uint64_t rate,
                                            std::function<void()> failed) {
  return std::make_unique<TcpSource>(engine, connection, rate, std::move(failed));
}

}  // namespace mplane::detail
