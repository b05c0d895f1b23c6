#include "mplane/probe/delay_statistics.hpp"

#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;

namespace {

std::vector<std::uint64_t> one_to(std::uint64_t last) {
  std::vector<std::uint64_t> numbers(last);
  std::iota(numbers.rbegin(), numbers.rend(), std::uint64_t{1});  // not sorted
  return numbers;
}

constexpr std::nullopt_t kLost = std::nullopt;

}  // namespace

TEST_CASE("percentiles are the least delay that so many do not exceed", "[statistics]") {
  struct Row {
    std::uint64_t count, median, p95, p99;
  };
  const auto row = GENERATE(values<Row>({{1, 1, 1, 1},
                                         {2, 2, 2, 2},
                                         {20, 11, 19, 20},
                                         {100, 51, 95, 99},
                                         {101, 51, 96, 100},
                                         {1'000, 501, 950, 990}}));
  const DelayStatistics statistics = summarize_delays(one_to(row.count));
  CHECK(statistics.count == row.count);
  CHECK(statistics.min == 1);
  CHECK(statistics.median == row.median);
  CHECK(statistics.p95 == row.p95);
  CHECK(statistics.p99 == row.p99);
  CHECK(statistics.max == row.count);
}

TEST_CASE("a mean is exact, however great the delays", "[statistics]") {
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  CHECK(summarize_delays({kMost, kMost, kMost}).mean == kMost);
  CHECK(summarize_delays({kMost, kMost - 2, kMost - 2}).mean == kMost - 1);  // - 4 / 3
  CHECK(summarize_delays({kMost, kMost - 2}).median == kMost - 1);
  CHECK(summarize_delays({1, 2}).mean == 2);  // halves up
  CHECK(summarize_delays({1, 1, 2}).mean == 1);
  CHECK(summarize_variation({0, kMost, 0}).inter_packet_mean == kMost);
}

TEST_CASE("the deviation is that of the sample itself", "[statistics]") {
  CHECK(summarize_delays({}).deviation == std::nullopt);
  CHECK(summarize_delays({7}).deviation == 0);
  CHECK(summarize_delays({2, 4, 4, 4, 5, 5, 7, 9}).deviation == 2);
  CHECK(summarize_delays({10, 20}).deviation == 5);
}

TEST_CASE("variation is between neighbours that both arrived, and above the least delay",
          "[statistics]") {
  struct Row {
    std::vector<std::optional<std::uint64_t>> delays;
    std::optional<std::uint64_t> mean, max, excess;
  };
  const auto row = GENERATE(values<Row>({
      {{}, kLost, kLost, kLost},
      {{kLost}, kLost, kLost, kLost},
      {{5}, kLost, kLost, 0},
      {{5, 8}, 3, 3, 3},
      {{8, 5}, 3, 3, 3},  // without the sign
      {{5, kLost, 8}, kLost, kLost, 3},
      {{5, 8, kLost, 20, 10}, 7, 10, 15},  // (3 + 10) / 2, halves up
  }));
  const DelayVariation variation = summarize_variation(row.delays);
  CHECK(variation.inter_packet_mean == row.mean);
  CHECK(variation.inter_packet_max == row.max);
  CHECK(variation.packet_p99 == row.excess);
}
