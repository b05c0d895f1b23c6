#pragma once

#include "mplane/probe/engine.hpp"
#include "mplane/probe/round_trip.hpp"
#include "mplane/probe/unique_function.hpp"
#include "mplane/probes/ping/report.hpp"
#include "mplane/probes/ping/request.hpp"
#include "pinger.hpp"

#include <cstdint>
#include <deque>
#include <optional>

namespace mplane::detail {

/// One ping under way: sends its packets at their times, gives each `wait` for its reply, and says
/// so once the fate of all is known. Lives on the engine's loop.
///
///     waiting --reply in time--> replied   --another reply--> (counted as a duplicate)
///        |---no reply in time--> lost      --a reply--------> (counted as late)
///        `---ICMP error, no route--> lost
class PingRun final : public EchoStream {
 public:
  /// Called once, as a timer of its own; may destroy the run.
  using Finished = UniqueFunction<void()>;

  /// Engine and pinger outlive the run.
  PingRun(Engine& engine, Pinger& pinger, const PingRequest& request, Finished finished);
  ~PingRun();

  /// Sends the first packet. @throws Error{Failed} if the system refuses to send from this source
  /// to this destination at all, or no longer has the source.
  void begin();

  /// What is known by now; packets still waited for are left out. Ends the run.
  PingReport take_report();

  void on_stamp(std::uint32_t number, WallTime sent) override;
  void on_reply(std::uint32_t number, const Arrival& arrival) override;
  void on_failure(std::uint32_t number) override;

 private:
  /// A packet that is waited for, or decided after one that is.
  struct Flight {
    Departure departure;
    bool decided = false;
  };

  SendOutcome send_next();
  void depart(const ClockReading& now);
  void wait_for_oldest();
  void give_up_late_ones();
  void decide(std::uint32_t number, std::optional<Duration> delay);
  void finish_when_done();
  Flight* find_waiting(std::uint32_t number) noexcept;
  std::uint32_t sent() const noexcept { return static_cast<std::uint32_t>(report_.samples.size()); }
  SteadyTime deadline_of(const Flight& flight) const noexcept {
    return flight.departure.handed_over.steady + request_.wait;
  }

  Engine& engine_;
  Pinger& pinger_;
  const PingRequest request_;
  Finished finished_;
  const Pinger::StreamId stream_;

  SteadyTime start_;
  PingReport report_;           // with a sample for each packet sent, by number
  std::deque<Flight> flights_;  // of the last packets; the first of them is undecided
  Timer next_send_;
  Timer next_loss_;
  Timer end_;
};

}  // namespace mplane::detail
