#include "mplane/probe/delay_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace mplane {
namespace {

using Delays = std::vector<std::uint64_t>;

/// Halves up. Whole parts and rests are added apart, so that no sum is too great.
std::uint64_t rounded_mean(const Delays& delays) {
  const std::uint64_t count = delays.size();
  std::uint64_t whole = 0;
  std::uint64_t rest = count / 2;
  for (const std::uint64_t delay : delays) {
    whole += delay / count;
    rest += delay % count;
  }
  return whole + rest / count;
}

/// Of sorted delays, not none.
std::uint64_t median_of(const Delays& delays) {
  const std::uint64_t above = delays[delays.size() / 2];
  if (delays.size() % 2 == 1) return above;
  return rounded_mean({delays[delays.size() / 2 - 1], above});
}

/// The nearest rank, of sorted delays, not none.
std::uint64_t percentile_of(const Delays& delays, std::size_t percent) {
  const std::size_t rank = (delays.size() * percent + 99) / 100;
  return delays[std::max<std::size_t>(rank, 1) - 1];
}

std::uint64_t deviation_of(const Delays& delays) {
  const auto count = static_cast<double>(delays.size());
  const double mean = std::accumulate(delays.begin(), delays.end(), 0.0) / count;
  double squares = 0;
  for (const std::uint64_t delay : delays) {
    const double off = static_cast<double>(delay) - mean;
    squares += off * off;
  }
  return static_cast<std::uint64_t>(std::llround(std::sqrt(squares / count)));
}

}  // namespace

DelayStatistics summarize_delays(std::vector<std::uint64_t> delays) {
  if (delays.empty()) return {};
  std::sort(delays.begin(), delays.end());
  return {.count = delays.size(),
          .min = delays.front(),
          .mean = rounded_mean(delays),
          .median = median_of(delays),
          .p95 = percentile_of(delays, 95),
          .p99 = percentile_of(delays, 99),
          .max = delays.back(),
          .deviation = deviation_of(delays)};
}

DelayVariation summarize_variation(const std::vector<std::optional<std::uint64_t>>& delays) {
  DelayVariation variation;
  Delays arrived;
  Delays steps;
  std::optional<std::uint64_t> before;
  for (const auto& delay : delays) {
    if (delay) arrived.push_back(*delay);
    if (delay && before) steps.push_back(std::max(*delay, *before) - std::min(*delay, *before));
    before = delay;
  }
  if (!steps.empty()) {
    variation.inter_packet_mean = rounded_mean(steps);
    variation.inter_packet_max = *std::max_element(steps.begin(), steps.end());
  }
  if (!arrived.empty()) {
    std::sort(arrived.begin(), arrived.end());
    variation.packet_p95 = percentile_of(arrived, 95) - arrived.front();
    variation.packet_p99 = percentile_of(arrived, 99) - arrived.front();
  }
  return variation;
}

}  // namespace mplane
