#pragma once

#include "incoming_load.hpp"
#include "mplane/probe/datagram_port.hpp"
#include "mplane/probe/icmp_packet.hpp"
#include "mplane/probe/target_policy.hpp"
#include "mplane/probes/common/run_host.hpp"

#include <cstdint>
#include <list>
#include <optional>
#include <vector>

namespace mplane::detail {

/// Where a receiver listens, and for how long. A value.
struct ReceiveTask {
  IpFamily family = IpFamily::Ip4;
  std::uint16_t port = 0;
  std::optional<Duration> time = {};  ///< nothing: until it is stopped
};

/// Takes load from one sender after the other, at a TCP and a UDP port of the same number.
class ReceiveRun final : public ProbeRun {
 public:
  ReceiveRun(Engine& engine, const ReceiveTask& task, const LoadSettings& settings,
             TargetCheck check);

  void begin(Finished finished) override;
  Result take_result(const Specification& specification) override;

 private:
  void accept_one();
  void rest();
  void receive_datagrams();
  bool claim() const;
  void forget(IncomingLoad& ended);
  void keep(const IncomingLoad& load);

  Engine& engine_;
  const ReceiveTask task_;
  const LoadSettings settings_;
  const TargetCheck check_;
  Finished finished_;
  Instant start_;
  FileDescriptor listener_;
  std::optional<DatagramPort> datagrams_;
  Watch on_connection_;
  Watch on_datagram_;
  Timer end_;
  Timer again_;
  std::list<IncomingLoad> incoming_;
  std::vector<ReceivedLoad> received_;
};

/// Puts what was received into the columns that a specification asks for. Pure.
Result make_receive_result(const Specification& specification, Instant start,
                           const std::vector<ReceivedLoad>& loads);

}  // namespace mplane::detail
