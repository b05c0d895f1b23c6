#include "hop_prober.hpp"
#include "mplane/probe/error_queue.hpp"
#include "mplane/probe/socket.hpp"

#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unordered_map>
#include <utility>

namespace mplane::detail {
namespace {

// A SYN that was sent again may be what was answered, or the first: nobody knows.
bool was_repeated(int descriptor) noexcept {
  tcp_info info{};
  socklen_t length = sizeof info;
  return ::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) == 0 &&
         info.tcpi_total_retrans > 0;
}

class ConnectingProber final : public HopProber {
 public:
  ConnectingProber(Engine& engine, const HopProberOptions& options, Events events)
      : engine_(engine),
        target_(options.target),
        events_(std::move(events)),
        queue_(ip_header(family_of(target_.host))) {}

  int send(std::uint32_t number, std::uint32_t /*flow*/, std::uint8_t hop_limit) override {
    Attempt attempt{.socket = open_socket(family_of(target_.host), SOCK_STREAM)};
    if (!attempt.socket) return errno;
    const int fd = attempt.socket.number();
    prepare(fd, hop_limit);
    const SocketAddress to = SocketAddress::of(target_.host, target_.port);
    if (::connect(fd, to.data(), to.length) != 0 && errno != EINPROGRESS) return errno;
    const auto local = local_endpoint(fd);
    ports_.resize(number + std::size_t{1});
    ports_[number] = local ? local->port : std::uint16_t{0};
    attempt.watch =
        engine_.watch(fd, {.writable = true}, [this, number](Readiness) { judge(number); });
    attempts_.insert_or_assign(number, std::move(attempt));
    return 0;
  }

  std::uint16_t source_port(std::uint32_t number, std::uint32_t /*flow*/) const override {
    return number < ports_.size() ? ports_[number] : std::uint16_t{0};
  }

  void catch_up() override {
    std::vector<std::uint32_t> answered;
    for (const auto& [number, attempt] : attempts_) {
      pollfd ready{.fd = attempt.socket.number(), .events = POLLOUT, .revents = 0};
      if (::poll(&ready, 1, 0) == 1) answered.push_back(number);
    }
    for (const std::uint32_t number : answered) judge(number);
  }

  void give_up(std::uint32_t number) override { attempts_.erase(number); }  // ends its SYNs
  bool keeps_flows() const noexcept override { return false; }

 private:
  struct Attempt {
    FileDescriptor socket;
    Watch watch = {};  // goes before the socket is closed
  };

  void prepare(int fd, std::uint8_t hop_limit) const noexcept {
    const IpFamily family = family_of(target_.host);
    limit_hops(fd, family, hop_limit);
    queue_errors(fd, family);
    queue_extensions(fd, family);
    tell_hop_limits(fd, family);
    stamp_packets(fd);
    const linger at_once{.l_onoff = 1, .l_linger = 0};  // a connection that stands is reset
    set_option(fd, SOL_SOCKET, SO_LINGER, at_once);
  }

  void judge(std::uint32_t number) {
    const auto found = attempts_.find(number);
    if (found == attempts_.end()) return;
    const int fd = found->second.socket.number();
    const bool under_way = is_connecting(fd);  // in this order: what ended it is in the queue then
    const int error = take_error(fd);
    std::optional<HopReply> reply;
    queue_.read(fd, {.error = [&](const QueuedError& one) { reply = reply_of(one); }});
    if (!reply && under_way && error == 0) return;  // woken for what tells nothing
    const Attempt attempt = std::move(found->second);
    attempts_.erase(found);
    if (!reply && (error == 0 || error == ECONNREFUSED)) {
      reply = HopReply{.from = target_.host, .arrival = {.read = ClockReading::now()}};
    }
    if (!reply) return;  // no answer is left to be silence
    reply->repeated = was_repeated(fd);
    events_.reply(number, std::move(*reply));
  }

  static HopReply reply_of(const QueuedError& error) {
    Arrival heard{.read = ClockReading::now()};
    if (error.kernel_stamp) heard.stamp = error.received;
    return {.from = error.notice.reporter,
            .error = error.notice,
            .hop_limit = error.hop_limit,
            .labels = mpls_labels(error.extensions),
            .arrival = heard};
  }

  Engine& engine_;
  const Endpoint target_;
  const Events events_;
  ErrorQueue queue_;
  std::unordered_map<std::uint32_t, Attempt> attempts_;
  std::vector<std::uint16_t> ports_;
};

}  // namespace

std::unique_ptr<HopProber> make_connecting_prober(Engine& engine, const HopProberOptions& options,
                                                  HopProber::Events events) {
  return std::make_unique<ConnectingProber>(engine, options, std::move(events));
}

}  // namespace mplane::detail
