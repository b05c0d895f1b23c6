#pragma once

#include "mplane/model/time.hpp"
#include "mplane/probes/ping/report.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace mplane {

/// Statistics over the packets of a ping, delays in microseconds. Without a reply the delays have
/// no value. A value.
struct PingStatistics {
  std::uint64_t count = 0;  ///< delays measured, that is replies in time
  std::uint64_t lost = 0;
  std::optional<std::uint64_t> min = {};
  std::optional<std::uint64_t> mean = {};  ///< rounded, halves up
  std::optional<std::uint64_t> median =
      {};  ///< exact; of an even number the middle two's mean, rounded
  std::optional<std::uint64_t> max = {};
};

PingStatistics summarize(const std::vector<PingSample>& samples);

}  // namespace mplane
