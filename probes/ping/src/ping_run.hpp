#pragma once

#include "mplane/probe/engine.hpp"
#include "mplane/probe/round_trip.hpp"
#include "mplane/probes/common/run_host.hpp"
#include "mplane/probes/ping/report.hpp"
#include "mplane/probes/ping/request.hpp"
#include "mplane/probes/ping/run.hpp"
#include "pinger.hpp"
#include "pingers.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

namespace mplane::detail {

/// One ping under way: sends its packets at their times, gives each `wait` for its reply, and says
/// so once the fate of all is known. Lives on the engine's loop.
///
///     waiting --reply in time--> replied   --another reply--> (counted as a duplicate)
///        |---no reply in time--> lost      --a reply--> late
///        |---ICMP error--------> unreachable, too-big, time-exceeded, parameter-problem
///        `---did not leave-----> unsent
class PingRun final : public ProbeRun, public EchoStream {
 public:
  /// The engine outlives the run. @throws Error as Pinger does.
  PingRun(Engine& engine, std::shared_ptr<Pingers> pingers, const PingRequest& request,
          PingRuns::Told told);
  ~PingRun() override;
  PingRun(const PingRun&) = delete;
  PingRun& operator=(const PingRun&) = delete;

  /// Sends the first packet. @throws Error{Failed} if the system refuses to send from this source
  /// to this destination at all, or no longer has the source.
  void begin(Finished finished) override;
  /// Of the packets whose fate is known; those still waited for are left out.
  Result take_result(const Specification& specification) override;

  void on_departure(std::uint32_t number, const ClockReading& handed_over,
                    const SendOutcome& outcome) override;
  void on_stamp(std::uint32_t number, WallTime sent) override;
  void on_reply(std::uint32_t number, const Arrival& arrival, std::uint8_t hop_limit) override;
  void on_failure(std::uint32_t number, IcmpTrouble trouble) override;

 private:
  /// A packet that is waited for, or decided after one that is.
  struct Flight {
    Departure departure;
    bool decided = false;
  };

  void send_first();
  PingReport take_report();
  void note_further_reply(std::uint32_t number);
  void wait_for_oldest();
  void give_up_late_ones();
  void decide(std::uint32_t number, PacketFate fate);
  void fail(std::uint32_t number, PacketFate fate);
  void finish_when_done();
  Flight* find_waiting(std::uint32_t number) noexcept;
  std::uint32_t sent() const noexcept { return static_cast<std::uint32_t>(report_.samples.size()); }
  SteadyTime deadline_of(const Flight& flight) const noexcept {
    return flight.departure.handed_over.steady + request_.wait;
  }

  Engine& engine_;
  const std::shared_ptr<Pingers> pingers_;
  const PingRequest request_;
  const PingRuns::Told told_;
  const std::shared_ptr<Pinger> pinger_;
  const Pinger::StreamId stream_;
  Finished finished_;

  PingReport report_;                // with a sample for each packet sent, by number
  std::deque<Flight> flights_;       // of the last packets; the first of them is undecided
  std::uint32_t next_in_order_ = 0;  // the reply to be next, were there neither loss nor disorder
  std::optional<SendOutcome> trouble_;  // why the first packet did not leave
  bool waits_ = false;  // for the deadline of the oldest packet, or an earlier one's
  Timer next_loss_;
};

}  // namespace mplane::detail
