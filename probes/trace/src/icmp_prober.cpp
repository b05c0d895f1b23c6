#include "hop_prober.hpp"
#include "mplane/probe/cookie.hpp"
#include "mplane/probe/echo_tag.hpp"
#include "mplane/probe/icmp_socket.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace mplane::detail {
namespace {

constexpr std::size_t kPayload = kEchoTagSize + 2;

void put_number(std::span<std::uint8_t> out, std::size_t place, std::uint16_t number) noexcept {
  out[place] = static_cast<std::uint8_t>(number >> 8U);
  out[place + 1] = static_cast<std::uint8_t>(number & 0xffU);
}

// The last two bytes make the sum over sequence and payload, and so the checksum, the same for all
// (RFC 1071: the sum's complement is what is missing).
void balance(std::array<std::uint8_t, kPayload>& payload, std::uint16_t sequence) noexcept {
  std::array<std::uint8_t, kPayload + 2> summed{};
  std::copy(payload.begin(), payload.end(), summed.begin());
  put_number(summed, kPayload, sequence);
  put_number(payload, kEchoTagSize, internet_checksum(summed));
}

class IcmpProber final : public HopProber {
 public:
  IcmpProber(Engine& engine, const HopProberOptions& options, Events events)
      : target_(options.target.host),
        events_(std::move(events)),
        socket_(family_of(target_), {.max_payload = kPayload}),
        watch_(engine.watch(socket_.descriptor(), {.readable = true},
                            [this](Readiness) { receive(); })) {}

  int send(std::uint32_t number, std::uint32_t flow, std::uint8_t hop_limit) override {
    std::array<std::uint8_t, kPayload> payload{};
    write_echo_tag(key_, target_, {.stream = flow, .number = number}, payload);
    const auto sequence = static_cast<std::uint16_t>(first_ + number);
    balance(payload, sequence);
    const EchoDeparture request{.target = target_,
                                .sequence = sequence,
                                .payload = payload,
                                .packet = number,
                                .hop_limit = hop_limit};
    const SendOutcome outcome = socket_.send({&request, 1}).next;
    if (outcome.status != SendStatus::Sent) return outcome.error == 0 ? EIO : outcome.error;
    sent_ = number + 1;
    return 0;
  }

  std::uint16_t source_port(std::uint32_t /*number*/, std::uint32_t /*flow*/) const override {
    return 0;
  }

  void catch_up() override {
    constexpr int kRounds = 8;  // whoever floods us does not keep us
    for (int round = 0; round < kRounds && receive(); ++round) {
    }
  }

 private:
  bool receive() {
    const IcmpEvents told{.reply = [this](const EchoArrival& arrival) { on_reply(arrival); },
                          .failure = [this](const FailureArrival& arrival) { on_failure(arrival); },
                          .transmitted =
                              [this](std::uint64_t packet, WallTime sent) {
                                events_.stamp(static_cast<std::uint32_t>(packet), sent);
                              }};
    return socket_.receive(told);
  }

  void on_reply(const EchoArrival& arrival) {
    const auto tag = read_echo_tag(key_, target_, arrival.echo.payload);
    if (!tag || arrival.from != target_) return events_.stray();
    Arrival heard{.read = ClockReading::now()};
    if (arrival.kernel_stamp) heard.stamp = arrival.received;
    events_.reply(tag->number,
                  {.from = arrival.from, .hop_limit = arrival.hop_limit, .arrival = heard});
  }

  void on_failure(const FailureArrival& arrival) {
    const auto number = number_of(arrival.failure);
    if (!number) return events_.stray();
    Arrival heard{.read = ClockReading::now()};
    if (arrival.kernel_stamp) heard.stamp = arrival.received;
    events_.reply(*number, {.from = arrival.reporter,
                            .error = IcmpNotice{.reporter = arrival.reporter,
                                                .type = arrival.failure.type,
                                                .code = arrival.failure.code},
                            .hop_limit = arrival.hop_limit,
                            .labels = mpls_labels(arrival.failure.extensions),
                            .arrival = heard});
  }

  // Routers may quote no more than the echo's header (RFC 792): then identifier and sequence have
  // to do, both of which begin by chance.
  std::optional<std::uint32_t> number_of(const EchoFailure& failure) const {
    if (failure.destination != target_) return std::nullopt;
    if (failure.request.payload.size() >= kEchoTagSize) {
      const auto tag = read_echo_tag(key_, target_, failure.request.payload);
      return tag ? std::optional(tag->number) : std::nullopt;
    }
    const auto number = static_cast<std::uint16_t>(failure.request.sequence - first_);
    return number < sent_ ? std::optional<std::uint32_t>(number) : std::nullopt;
  }

  const Address target_;
  const Events events_;
  const CookieKey key_ = CookieKey::random();
  const std::uint16_t first_ =
      static_cast<std::uint16_t>(CookieKey::random().cookie_for({}) & 0xffffU);
  std::uint32_t sent_ = 0;
  IcmpSocket socket_;
  Watch watch_;
};

}  // namespace

std::unique_ptr<HopProber> make_icmp_prober(Engine& engine, const HopProberOptions& options,
                                            HopProber::Events events) {
  return std::make_unique<IcmpProber>(engine, options, std::move(events));
}

}  // namespace mplane::detail
