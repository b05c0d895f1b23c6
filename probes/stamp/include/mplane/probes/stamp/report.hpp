#pragma once

#include "mplane/model/time.hpp"
#include "mplane/probe/icmp_notice.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace mplane {

/// What became of a test packet.
enum class StampFate : std::uint8_t {
  Replied,      ///< in time
  Implausible,  ///< in time, but the reflector held it for longer than it was away, or less than 0
  Lost,         ///< nothing was heard within the wait
  Late,         ///< lost, and then there was a reply
  Unreachable,  ///< a host or router said so
  Unsent,       ///< it could not leave: no route, or no room
};

/// "replied", "implausible", "lost", "late", "unreachable", "unsent".
std::string_view to_string(StampFate fate) noexcept;

/// One test packet. Delays are there if it was replied in time.
struct StampSample {
  using Nanoseconds = std::chrono::nanoseconds;

  std::uint32_t number = 0;  ///< from 0 in the order of sending
  Instant sent;
  StampFate fate = StampFate::Lost;
  std::optional<Nanoseconds> round_trip = {};  ///< without what the reflector took
  std::optional<Nanoseconds> residence = {};   ///< what the reflector took
  /// Between two clocks: wrong by their difference, and below 0 where that is more than the delay.
  /// Missing when the own clock was set meanwhile, or the reflector's has another time scale.
  std::optional<Nanoseconds> forward = {};
  std::optional<Nanoseconds> backward = {};
  /// The most that the two clocks may differ by; missing if either is not kept in time.
  std::optional<Duration> clock_bound = {};
  std::optional<std::uint32_t> reflector_sequence = {};  ///< of the first reply, be it late
  std::uint8_t hop_limit_there = 0;  ///< as it arrived at the reflector; 0 if that is not known
  std::uint8_t hop_limit_back = 0;   ///< of the reply as it arrived
  std::uint16_t duplicates = 0;      ///< replies beyond the first
};

/// What a train came to. Packets that were still waited for when it was stopped are not in it.
struct StampReport {
  Instant first;  ///< start of the first packet; without any, of the run
  Instant last;   ///< start of the last packet
  std::optional<Address> source = {};
  std::vector<StampSample> samples = {};    ///< in the order of sending
  std::uint32_t duplicates = 0;             ///< replies beyond the first to a packet
  std::uint32_t reordered = 0;              ///< replies overtaken by one to a later packet
  std::uint32_t late = 0;                   ///< replies to packets that were lost by then
  std::uint32_t failures = 0;               ///< packets lost to an ICMP error, or unsent
  std::uint32_t stray = 0;                  ///< packets that were no replies to what was sent
  std::vector<std::uint32_t> further = {};  ///< sequence numbers of replies beyond the first
  int send_error = 0;                     ///< errno of the first packet that did not leave, else 0
  std::optional<IcmpNotice> notice = {};  ///< the first ICMP error
  std::array<std::uint32_t, 3> stamps{};  ///< of round trips, counted by DelayStamps
};

/// Packets that were lost without a word, by where.
struct StampLosses {
  std::uint64_t forward = 0;   ///< on the way to the reflector
  std::uint64_t backward = 0;  ///< on the way back
  std::uint64_t unknown = 0;   ///< behind the last packet that was answered: nobody can tell

  friend bool operator==(const StampLosses&, const StampLosses&) = default;
};

/// Tells directions apart by the sequence numbers of a reflector that keeps count (RFC 8762 section
/// 4): numbers that never came back were lost on the way back. Exact as long as packets are not
/// both doubled and lost; never more than were lost.
StampLosses losses_of(const StampReport& report);

/// Delays of one direction in microseconds; without a delay nothing has a value. As of
/// `DelayStatistics`, but below 0 where clocks differ.
struct DirectionStatistics {
  std::optional<double> min = {};
  std::optional<double> mean = {};
  std::optional<double> median = {};
  std::optional<double> p95 = {};
  std::optional<double> p99 = {};
  std::optional<double> max = {};
  /// Inter-packet delay variation (RFC 5481 section 4.1): clocks' difference has no part in it.
  std::optional<double> variation_mean = {};
  std::optional<double> variation_max = {};
};

/// @param delays in the order of sending; nothing for packets that have none.
DirectionStatistics summarize_direction(
    const std::vector<std::optional<std::chrono::nanoseconds>>& delays);

}  // namespace mplane
