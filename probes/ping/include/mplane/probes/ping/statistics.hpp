#pragma once

#include "mplane/probe/delay_statistics.hpp"
#include "mplane/probes/ping/report.hpp"

#include <cstdint>
#include <vector>

namespace mplane {

/// Statistics over the packets of a ping, in microseconds. `count` are the delays measured, that is
/// the replies in time. A value.
struct PingStatistics : DelayStatistics {
  std::uint64_t lost = 0;
  DelayVariation variation = {};
};

PingStatistics summarize(const std::vector<PingSample>& samples);

}  // namespace mplane
