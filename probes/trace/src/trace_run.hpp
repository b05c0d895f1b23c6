#pragma once

#include "hop_prober.hpp"
#include "mplane/model/error.hpp"
#include "mplane/probes/common/host_target.hpp"
#include "mplane/probes/common/run_host.hpp"
#include "trace_report.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace mplane::detail {

inline constexpr std::size_t kMostHops = 64;

/// What the operator sets for all of the module.
struct TraceSettings {
  Duration wait = std::chrono::seconds(1);
  NameLookupOptions names = {};
};

/// One trace to be made. A value.
struct TraceRequest {
  TraceMethod method = TraceMethod::Udp;
  HostTarget target;
  std::uint32_t flows = 1;
  std::uint16_t source_port = 0;         ///< of the first flow; 0 leaves it to the system
  std::uint32_t packets = 1;             ///< for each hop and flow
  std::uint8_t max_hops = 30;            ///< at most kMostHops
  std::chrono::nanoseconds interval{0};  ///< between two packets for the same hop
};

/// A trace under way: name, policy, then packets for several hops at the same time: the first ten
/// at once, and ten more than any that answered. So it takes about as long as the slowest hop, and
/// the target is not flooded with what was meant to be beyond it.
class TraceRun final : public ProbeRun {
 public:
  TraceRun(Engine& engine, TraceRequest request, const TraceSettings& settings, TargetCheck check);

  void begin(Finished finished) override;
  Result take_result(const Specification& specification) override;

 private:
  /// What a flow met: hops, 0 for none.
  struct Flow {
    std::uint8_t passed = 0;   // the last one that is on the way
    std::uint8_t reached = 0;  // the first one at which the target answered
    std::uint8_t closed = 0;   // the first one at which somebody said that there is no way on
    bool unsent = false;       // this host could not send, nor will it

    /// Where it ends, 0 if that is not known. Who closes one way (attempts to connect go several)
    /// says nothing of the one that others found.
    std::uint8_t last_hop() const noexcept;
  };

  void on_name(const NameAnswer& answer);
  void start_prober();
  std::uint32_t rounds() const noexcept;
  void open_hops();
  void send_next_round();
  void send_rounds(std::uint8_t hop, std::uint32_t count);
  void send(std::uint8_t hop, std::uint32_t round);
  void on_reply(std::uint32_t number, HopReply reply);
  void go_on();
  void give_up_late_ones();
  bool is_beyond(const Flow& flow, std::uint8_t hop) const noexcept;
  TraceEnd end() const noexcept;
  void keep_probes();

  Engine& engine_;
  const TraceRequest request_;
  const TraceSettings settings_;
  const TargetCheck check_;
  NameLookup lookup_;
  Finished finished_;
  std::optional<Error> failure_;
  TraceReport report_;

  std::unique_ptr<HopProber> prober_;
  std::vector<Flow> flows_;
  std::vector<HopProbe> probes_;                            // in the order of sending
  std::size_t first_open_ = 0;                              // before it, all are decided
  std::array<std::uint32_t, kMostHops + 1> rounds_sent_{};  // for each hop
  std::uint8_t next_hop_ = 1;                               // the first that is not probed yet
  std::uint8_t limit_ = 0;                                  // hops up to this may be probed
  bool pending_rounds_ = false;
  bool waits_ = false;
  Timer next_round_;
  Timer deadline_;
};

}  // namespace mplane::detail
