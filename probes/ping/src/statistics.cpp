#include "mplane/probes/ping/statistics.hpp"

#include <optional>
#include <utility>

namespace mplane {

PingStatistics summarize(const std::vector<PingSample>& samples) {
  std::vector<std::optional<std::uint64_t>> all;
  std::vector<std::uint64_t> measured;
  all.reserve(samples.size());
  measured.reserve(samples.size());
  for (const PingSample& sample : samples) {
    all.emplace_back();
    if (!sample.delay) continue;
    all.back() = static_cast<std::uint64_t>(sample.delay->count());
    measured.push_back(*all.back());
  }
  PingStatistics statistics;
  static_cast<DelayStatistics&>(statistics) = summarize_delays(std::move(measured));
  statistics.lost = samples.size() - statistics.count;
  statistics.variation = summarize_variation(all);
  return statistics;
}

}  // namespace mplane
