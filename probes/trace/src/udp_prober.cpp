#include "hop_prober.hpp"
#include "mplane/model/error.hpp"
#include "mplane/probe/cookie.hpp"
#include "mplane/probe/echo_tag.hpp"
#include "mplane/probe/error_queue.hpp"
#include "mplane/probe/socket.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <sys/socket.h>
#include <utility>

namespace mplane::detail {
namespace {

void bind_to(int descriptor, IpFamily family, std::uint16_t port) {
  const auto local = SocketAddress::of(family == IpFamily::Ip4 ? Address(Ip4()) : Ip6(), port);
  if (::bind(descriptor, local.data(), local.length) == 0) return;
  throw Error(
      ErrorKind::Configuration, "",
      "packets cannot be sent from port " + std::to_string(port) + ": " + std::strerror(errno));
}

class UdpProber final : public HopProber {
 public:
  UdpProber(Engine& engine, const HopProberOptions& options, Events events)
      : target_(options.target),
        events_(std::move(events)),
        queue_(ip_header(family_of(target_.host)) + kUdpHeader) {
    for (std::uint32_t flow = 0; flow < options.flows; ++flow) {
      flows_.push_back(open(flow == 0 ? options.source_port : std::uint16_t{0}));
      flows_.back().watch = engine.watch(flows_.back().socket.number(), {.readable = true},
                                         [this, flow](Readiness) { read(flow); });
    }
  }

  int send(std::uint32_t number, std::uint32_t flow, std::uint8_t hop_limit) override {
    Flow& through = flows_.at(flow);
    if (through.no_way != 0) return through.no_way;
    std::array<std::uint8_t, kEchoTagSize> payload{};
    write_echo_tag(key_, target_.host, {.stream = flow, .number = number}, payload);
    const int fd = through.socket.number();
    limit_hops(fd, family_of(target_.host), hop_limit);
    int error = 0;
    for (int attempt = 0; attempt < 2; ++attempt) {  // an error may come in between
      take_error(fd);  // about an earlier packet; it would be told instead of sending this one
      if (::send(fd, payload.data(), payload.size(), MSG_NOSIGNAL) >= 0) {
        through.sent.push_back(number);
        return 0;
      }
      error = errno;
      through.sent.clear();  // whether the kernel has counted it differs from release to release
      stamp_packets(fd);
    }
    return error;
  }

  std::uint16_t source_port(std::uint32_t /*number*/, std::uint32_t flow) const override {
    return flows_.at(flow).port;
  }

  void catch_up() override {
    for (std::uint32_t flow = 0; flow < flows_.size(); ++flow) read(flow);
  }

 private:
  struct Flow {
    FileDescriptor socket;
    std::uint16_t port = 0;
    int no_way = 0;                        // why it could not be connected: errno
    std::vector<std::uint32_t> sent = {};  // numbers, in the order in which the kernel counts
    Watch watch = {};
  };

  Flow open(std::uint16_t port) const {
    const IpFamily family = family_of(target_.host);
    Flow flow{.socket = open_socket(family, SOCK_DGRAM)};
    if (!flow.socket) {
      throw Error(ErrorKind::Unavailable, "",
                  std::string("no UDP socket can be had: ") + std::strerror(errno));
    }
    const int fd = flow.socket.number();
    queue_errors(fd, family);
    queue_extensions(fd, family);
    tell_hop_limits(fd, family);
    bind_to(fd, family, port);
    stamp_packets(fd);
    const auto peer = SocketAddress::of(target_.host, target_.port);
    if (::connect(fd, peer.data(), peer.length) != 0) flow.no_way = errno;
    if (const auto local = local_endpoint(fd)) flow.port = local->port;
    return flow;
  }

  void read(std::uint32_t flow) {
    const int fd = flows_.at(flow).socket.number();
    queue_.read(fd, {.error = [this](const QueuedError& error) { on_error(error); },
                     .transmitted =
                         [this, flow](std::uint32_t key, WallTime sent) {
                           const auto& numbers = flows_.at(flow).sent;
                           if (key < numbers.size()) events_.stamp(numbers[key], sent);
                         }});
    std::array<std::uint8_t, 64> bytes{};
    constexpr int kTurn = 64;
    for (int n = 0; n < kTurn; ++n) {
      const auto size = ::recv(fd, bytes.data(), bytes.size(), 0);
      if (size < 0) return;
      on_datagram(Bytes(bytes).first(static_cast<std::size_t>(size)));
    }
  }

  // Somebody serves at the port; the echo service (RFC 862) sends back what we sent.
  void on_datagram(Bytes bytes) {
    const auto tag = read_echo_tag(key_, target_.host, bytes);
    if (!tag) return events_.stray();
    events_.reply(tag->number, {.from = target_.host, .arrival = {.read = ClockReading::now()}});
  }

  void on_error(const QueuedError& error) {
    const auto tag = read_echo_tag(key_, target_.host, error.quoted);
    if (!tag) return events_.stray();
    Arrival heard{.read = ClockReading::now()};
    if (error.kernel_stamp) heard.stamp = error.received;
    events_.reply(tag->number, {.from = error.notice.reporter,
                                .error = error.notice,
                                .hop_limit = error.hop_limit,
                                .labels = mpls_labels(error.extensions),
                                .arrival = heard});
  }

  const Endpoint target_;
  const Events events_;
  const CookieKey key_ = CookieKey::random();
  ErrorQueue queue_;
  std::vector<Flow> flows_;
};

}  // namespace

std::unique_ptr<HopProber> make_udp_prober(Engine& engine, const HopProberOptions& options,
                                           HopProber::Events events) {
  return std::make_unique<UdpProber>(engine, options, std::move(events));
}

}  // namespace mplane::detail
