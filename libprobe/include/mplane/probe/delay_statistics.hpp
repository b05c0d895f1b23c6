#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace mplane {

/// Statistics over delays, in the delays' unit and rounded to whole ones. Without a delay nothing
/// but the count has a value. A value.
struct DelayStatistics {
  std::uint64_t count = 0;
  std::optional<std::uint64_t> min = {};
  std::optional<std::uint64_t> mean = {};  ///< rounded, halves up
  /// Exact; of an even number the middle two's mean, rounded, halves up.
  std::optional<std::uint64_t> median = {};
  std::optional<std::uint64_t> p95 = {};  ///< the least delay that 95 % do not exceed
  std::optional<std::uint64_t> p99 = {};  ///< the same with 99 %
  std::optional<std::uint64_t> max = {};
  std::optional<std::uint64_t> deviation = {};  ///< standard deviation of the sample itself
};

DelayStatistics summarize_delays(std::vector<std::uint64_t> delays);

/// The two forms of delay variation (RFC 5481) over packets that were sent one after the other. A
/// value.
struct DelayVariation {
  /// Inter-packet delay variation (RFC 5481 section 4.1): by how much the delay of a packet differs
  /// from that of the packet sent before it, without the sign. Only of pairs that both arrived.
  std::optional<std::uint64_t> inter_packet_mean = {};
  std::optional<std::uint64_t> inter_packet_max = {};
  /// Packet delay variation (RFC 5481 section 4.2): by how much a delay exceeds the least one.
  std::optional<std::uint64_t> packet_p95 = {};
  std::optional<std::uint64_t> packet_p99 = {};
};

/// @param delays in the order of sending; nothing for packets that did not arrive.
DelayVariation summarize_variation(const std::vector<std::optional<std::uint64_t>>& delays);

}  // namespace mplane
