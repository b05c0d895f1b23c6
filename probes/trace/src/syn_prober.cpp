#include "hop_prober.hpp"
#include "mplane/probe/cookie.hpp"
#include "mplane/probe/syn_socket.hpp"

#include <array>
#include <utility>
#include <vector>

namespace mplane::detail {
namespace {

Arrival heard_at(const SynArrival& arrival) {
  Arrival heard{.read = ClockReading::now()};
  if (arrival.kernel_stamp) heard.stamp = arrival.received;
  return heard;
}

// Sequence numbers tell packets apart: they begin where nobody can guess, and follow each other, so
// that hosts that have one half-open connection a pair of ports take none for an old one.
class SynProber final : public HopProber {
 public:
  SynProber(Engine& engine, const HopProberOptions& options, Events events)
      : target_(options.target.host), events_(std::move(events)) {
    for (std::uint32_t flow = 0; flow < options.flows; ++flow) {
      flows_.push_back({.socket = std::make_unique<SynSocket>(options.target)});
      const auto descriptors = flows_.back().socket->descriptors();
      for (std::size_t n = 0; n < descriptors.size(); ++n) {
        flows_.back().watches.at(n) = engine.watch(descriptors.at(n), {.readable = true},
                                                   [this, flow](Readiness) { receive(flow); });
      }
    }
  }

  int send(std::uint32_t number, std::uint32_t flow, std::uint8_t hop_limit) override {
    flow_of_.resize(number + std::size_t{1}, kNone);
    const int error = flows_.at(flow).socket->send(first_ + number, hop_limit, number);
    if (error == 0) flow_of_[number] = flow;
    return error;
  }

  std::uint16_t source_port(std::uint32_t /*number*/, std::uint32_t flow) const override {
    return flows_.at(flow).socket->port();
  }

  void catch_up() override {
    for (std::uint32_t flow = 0; flow < flows_.size(); ++flow) receive(flow);
  }

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;

  struct Flow {
    std::unique_ptr<SynSocket> socket;
    std::array<Watch, 2> watches = {};  // go before the socket is closed
  };

  void receive(std::uint32_t flow) {
    flows_.at(flow).socket->receive(
        {.answer = [&](const SynAnswer& answer,
                       const SynArrival& arrival) { on_answer(flow, answer, arrival); },
         .failure =
             [&](const Address& reporter, const SegmentFailure& failure,
                 const SynArrival& arrival) { on_failure(flow, reporter, failure, arrival); },
         .transmitted =
             [&](std::uint64_t packet, WallTime sent) {
               events_.stamp(static_cast<std::uint32_t>(packet), sent);
             }});
  }

  void on_answer(std::uint32_t flow, const SynAnswer& answer, const SynArrival& arrival) {
    tell(flow, answer.sequence,
         {.from = target_,
          .hop_limit = arrival.hop_limit,
          .arrival = heard_at(arrival),
          .reset = answer.reset});
  }

  void on_failure(std::uint32_t flow, const Address& reporter, const SegmentFailure& failure,
                  const SynArrival& arrival) {
    tell(flow, failure.sequence,
         {.from = reporter,
          .error = IcmpNotice{.reporter = reporter, .type = failure.type, .code = failure.code},
          .hop_limit = arrival.hop_limit,
          .labels = mpls_labels(failure.extensions),
          .arrival = heard_at(arrival)});
  }

  void tell(std::uint32_t flow, std::uint32_t sequence, HopReply reply) {
    const std::uint32_t number = sequence - first_;
    if (number >= flow_of_.size() || flow_of_[number] != flow) return events_.stray();
    events_.reply(number, std::move(reply));
  }

  const Address target_;
  const Events events_;
  const std::uint32_t first_ =
      static_cast<std::uint32_t>(CookieKey::random().cookie_for({}) & 0xffffffffU);
  std::vector<Flow> flows_;
  std::vector<std::uint32_t> flow_of_;  // by number; kNone did not leave
};

}  // namespace

std::unique_ptr<HopProber> make_syn_prober(Engine& engine, const HopProberOptions& options,
                                           HopProber::Events events) {
  return std::make_unique<SynProber>(engine, options, std::move(events));
}

}  // namespace mplane::detail
