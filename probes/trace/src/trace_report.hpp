#pragma once

#include "hop_prober.hpp"
#include "mplane/model/result.hpp"
#include "mplane/probes/common/host_target.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace mplane::detail {

/// What became of one packet.
enum class HopOutcome : std::uint8_t {
  Passed,       ///< its hop limit ran out at somebody on the way
  Reached,      ///< the target answered, or whoever serves its address
  Prohibited,   ///< a firewall said so, or refused the port in the target's place
  Unreachable,  ///< somebody said that there is no way on
  Silent,
  Unsent,  ///< this host could not send it
};

/// One packet of a trace, and what came of it.
struct HopProbe {
  std::uint32_t flow = 0;
  std::uint8_t hop = 0;       ///< its hop limit
  std::uint32_t attempt = 0;  ///< which of the packets for this hop and flow
  std::uint16_t source_port = 0;
  Departure departure = {};
  int error = 0;  ///< errno, if it did not leave
  std::optional<HopReply> reply = {};
  bool decided = false;  ///< answered, waited for long enough, or not sent
};

HopOutcome outcome_of(const HopProbe& probe, const Address& target, TraceMethod method) noexcept;
/// "passed", "reached", "prohibited", "unreachable", "silent", "unsent".
std::string_view to_string(HopOutcome outcome) noexcept;

/// Why a trace ended.
enum class TraceEnd : std::uint8_t {
  Reached,      ///< the target answered, in one flow or more
  Unreachable,  ///< somebody said that there is no way on
  Silent,       ///< nobody answered from some hop on
  TooFar,       ///< the last hop that was allowed is on the way
  Unsent,       ///< this host could not send
  Unresolved,   ///< the name has no address
  Interrupted,
};

/// "reached", "unreachable", "silent", "too-far", "unsent", "unresolved", "interrupted".
std::string_view to_string(TraceEnd end) noexcept;

/// What a trace came to. A value.
struct TraceReport {
  Instant start = {};
  ResolvedTarget target = {};
  TraceMethod method = TraceMethod::Udp;
  bool keeps_flows = true;            ///< else each packet looked like another flow
  std::vector<HopProbe> probes = {};  ///< decided ones, none beyond the end of its flow
  TraceEnd end = TraceEnd::Interrupted;
  std::optional<std::uint8_t> hops = {};  ///< to the target, the least of all flows
  std::uint32_t strays = 0;               ///< replies that could not be told to what
};

/// What several flows found. A value.
struct Paths {
  std::size_t complete = 0;  ///< different ones that flows took whose every hop answered
  /// The chance, for the hop where it is greatest, that one more router was missed there which
  /// takes as many flows as each of those found: of k + 1 such, n flows miss one with at most
  /// (k + 1) * (k / (k + 1)) ^ n (the multipath detection algorithm's bound, Veitch et al. 2009).
  /// 1 where a hop said nothing.
  double missed = 1;
};
Paths paths_of(const TraceReport& report);

/// Puts a report into the columns that a specification asks for: a row for each packet, or one
/// that says why there is none. Pure.
Result make_trace_result(const Specification& specification, const TraceReport& report);

}  // namespace mplane::detail
