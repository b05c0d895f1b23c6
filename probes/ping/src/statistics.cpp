#include "mplane/probes/ping/statistics.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace mplane {
namespace {

using Delays = std::vector<std::uint64_t>;

/// Delays in microseconds. Not empty.
std::uint64_t median_of(Delays& delays) {
  const auto middle = delays.begin() + static_cast<std::ptrdiff_t>(delays.size() / 2);
  std::nth_element(delays.begin(), middle, delays.end());
  if (delays.size() % 2 == 1) return *middle;
  const std::uint64_t below = *std::max_element(delays.begin(), middle);
  return (below + *middle + 1) / 2;
}

}  // namespace

PingStatistics summarize(const std::vector<PingSample>& samples) {
  Delays delays;
  delays.reserve(samples.size());
  for (const PingSample& sample : samples) {
    if (sample.delay) delays.push_back(static_cast<std::uint64_t>(sample.delay->count()));
  }
  PingStatistics statistics{.count = delays.size(), .lost = samples.size() - delays.size()};
  if (delays.empty()) return statistics;
  const auto [least, most] = std::minmax_element(delays.begin(), delays.end());
  const std::uint64_t sum = std::accumulate(delays.begin(), delays.end(), std::uint64_t{0});
  statistics.min = *least;
  statistics.max = *most;
  statistics.mean = (sum + delays.size() / 2) / delays.size();
  statistics.median = median_of(delays);
  return statistics;
}

}  // namespace mplane
