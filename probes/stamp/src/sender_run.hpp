#pragma once

#include "mplane/probe/datagram_socket.hpp"
#include "mplane/probe/round_trip.hpp"
#include "mplane/probes/common/run_host.hpp"
#include "mplane/probes/stamp/packet.hpp"
#include "mplane/probes/stamp/report.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace mplane::detail {

/// A train of test packets to be sent. A value.
struct StampTrain {
  Endpoint reflector;
  std::uint32_t count = 1;
  Duration interval = std::chrono::seconds(1);  ///< between starts of packets, above 0
  Duration wait = std::chrono::seconds(1);      ///< for the reply to each
  std::uint8_t traffic_class = 0;
  bool stateful = true;  ///< whether the reflector keeps count
  StampWire wire = {};
};

/// The Session-Sender of RFC 8762: one train to one reflector, from a port and with a session
/// identifier of its own.
class SenderRun final : public ProbeRun {
 public:
  SenderRun(Engine& engine, StampTrain train);

  void begin(Finished finished) override;
  Result take_result(const Specification& specification) override;

 private:
  struct Flight {
    Departure departure;
    StampTime stamped;  // what the packet says, and its reply has to repeat
    bool decided = false;
  };

  void send_due();
  void send_one();
  int send_packet(std::uint32_t number, Flight& flight);
  void receive();
  void on_datagram(const DatagramArrival& arrival);
  void on_notice(const IcmpNotice& notice, Bytes quoted);
  void note_first_reply(StampSample& sample, const StampReply& reply,
                        const DatagramArrival& arrival);
  void note_further_reply(StampSample& sample, const StampReply& reply);
  void decide(std::uint32_t number, StampFate fate);
  std::uint32_t sent() const noexcept { return static_cast<std::uint32_t>(flights_.size()); }
  void finish();
  StampReport take_report();

  Engine& engine_;
  const StampTrain train_;
  const std::uint16_t session_;
  Finished finished_;
  StampReport report_;
  std::vector<Flight> flights_;
  std::uint32_t undecided_ = 0;      // of those sent
  std::uint32_t next_in_order_ = 0;  // behind the last packet that was replied to
  ErrorEstimate own_error_;          // as the last packet said it
  SteadyTime start_;
  std::unique_ptr<DatagramSocket> socket_;
  Watch watch_;
  Timer next_;
};

/// Puts a report into the columns that a specification asks for: one row of statistics, or, where
/// there is a column `packet.number`, a row for each packet. Pure.
Result make_stamp_result(const Specification& specification, const StampReport& report,
                         bool stateful);

}  // namespace mplane::detail
