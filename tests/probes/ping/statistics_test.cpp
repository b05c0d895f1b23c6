#include "mplane/probes/ping/statistics.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;

namespace {

using Delays = std::vector<std::optional<int>>;  // microseconds; nothing for a lost packet
using Number = std::optional<std::uint64_t>;

PingStatistics statistics_of(const Delays& delays) {
  std::vector<PingSample> samples;
  for (const auto& delay : delays) {
    samples.push_back({.sent = Instant(), .delay = std::nullopt});
    if (delay) samples.back().delay = Duration(*delay);
  }
  return summarize(samples);
}

constexpr std::nullopt_t kLost = std::nullopt;

}  // namespace

TEST_CASE("statistics are exact, in whole microseconds", "[ping]") {
  struct Row {
    Delays delays;
    std::uint64_t count;
    std::uint64_t lost;
    Number min;
    Number mean;
    Number median;
    Number max;
  };
  const auto row = GENERATE(values<Row>({
      {{}, 0, 0, kLost, kLost, kLost, kLost},
      {{kLost}, 0, 1, kLost, kLost, kLost, kLost},
      {{kLost, kLost, kLost}, 0, 3, kLost, kLost, kLost, kLost},
      {{7}, 1, 0, 7, 7, 7, 7},
      {{0}, 1, 0, 0, 0, 0, 0},
      {{5, kLost, 3}, 2, 1, 3, 4, 4, 5},
      {{1, 2}, 2, 0, 1, 2, 2, 2},        // halves up
      {{1, 2, 4}, 3, 0, 1, 2, 2, 4},     // 7/3
      {{1, 2, 5}, 3, 0, 1, 3, 2, 5},     // 8/3
      {{9, 1, 5, 3}, 4, 0, 1, 5, 4, 9},  // 18/4 = 4.5; (3 + 5) / 2
      {{9, 1, 6, 3}, 4, 0, 1, 5, 5, 9},  // 19/4; (3 + 6) / 2 = 4.5
      {{4, 4, 4, 4}, 4, 0, 4, 4, 4, 4},
      {{100, 1, 1}, 3, 0, 1, 34, 1, 100},  // the median is not the mean
  }));
  const PingStatistics statistics = statistics_of(row.delays);
  CAPTURE(row.delays.size(), row.mean.value_or(0));
  CHECK(statistics.count == row.count);
  CHECK(statistics.lost == row.lost);
  CHECK(statistics.min == row.min);
  CHECK(statistics.mean == row.mean);
  CHECK(statistics.median == row.median);
  CHECK(statistics.max == row.max);
}

TEST_CASE("the median agrees with sorting", "[ping]") {
  std::mt19937 random(1);
  for (std::size_t size = 1; size < 200; ++size) {
    Delays delays;
    std::vector<std::uint64_t> sorted;
    for (std::size_t n = 0; n < size; ++n) {
      const int delay = static_cast<int>(random() % 1'000);
      delays.emplace_back(delay);
      sorted.push_back(static_cast<std::uint64_t>(delay));
    }
    std::sort(sorted.begin(), sorted.end());
    const std::uint64_t twice = sorted[(size - 1) / 2] + sorted[size / 2];
    CHECK(statistics_of(delays).median == (twice + 1) / 2);
  }
}
