#include "mplane/probes/stamp/report.hpp"

#include "reflector_run.hpp"

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t kLost = 0xffffffffU;

/// Packets and the reflector's number of each reply.
StampReport train(std::initializer_list<std::uint32_t> replies) {
  StampReport report;
  for (const std::uint32_t number : replies) {
    StampSample sample;
    if (number != kLost) {
      sample.fate = StampFate::Replied;
      sample.reflector_sequence = number;
    }
    report.samples.push_back(sample);
  }
  return report;
}

}  // namespace

TEST_CASE("the reflector's numbers tell where packets were lost", "[stamp]") {
  struct Row {
    StampReport report;
    StampLosses losses;
  };
  for (const Row& row : {
           Row{train({}), {}}, Row{train({0, 1, 2}), {}}, Row{train({kLost, 0, 1}), {.forward = 1}},
           Row{train({kLost, 1, 2}), {.backward = 1}},
           Row{train({0, kLost, kLost, 2, 3}), {.forward = 1, .backward = 1}},
           Row{train({0, 1, kLost, kLost}), {.unknown = 2}},
           Row{train({kLost, kLost}), {.unknown = 2}},
           Row{train({1, 0, 2}), {}},  // overtaken on the way there
           Row{train({1, 0, kLost, 3}), {.backward = 1}},
           Row{train({0, kLost, 4'000'000'000}), {.backward = 1}},  // whatever it says
       }) {
    CHECK(losses_of(row.report) == row.losses);
  }
}

TEST_CASE("a reply to a doubled packet is no gap", "[stamp]") {
  auto report = train({0, kLost, 2, 3});  // packet 0 came twice, and was replied to as 0 and 1
  report.further = {1};
  CHECK(losses_of(report) == StampLosses{.forward = 1});
  report.further = {0};  // the reply itself was doubled
  CHECK(losses_of(report) == StampLosses{.backward = 1});
}

TEST_CASE("packets that met an error were not lost without a word", "[stamp]") {
  auto report = train({0, kLost, 1});
  report.samples[1].fate = StampFate::Unreachable;
  CHECK(losses_of(report) == StampLosses{});
}

TEST_CASE("one-way delays may lie below nothing", "[stamp]") {
  const auto statistics = summarize_direction({-1'500ns, std::nullopt, 2'500ns, 500ns});
  CHECK(statistics.min == -1.5);
  CHECK(statistics.mean == 0.5);
  CHECK(statistics.median == 0.5);
  CHECK(statistics.max == 2.5);
  CHECK(statistics.variation_mean == 2.0);  // of the one pair
  CHECK(statistics.variation_max == 2.0);
  const auto none = summarize_direction({std::nullopt});
  CHECK_FALSE(none.min);
  CHECK_FALSE(none.mean);
  CHECK_FALSE(none.variation_max);
}

TEST_CASE("a reflector that was set from 1970 to now leaves a mean", "[stamp]") {
  constexpr std::chrono::nanoseconds kSince1970 = std::chrono::hours(24 * 365 * 56);
  std::vector<std::optional<std::chrono::nanoseconds>> delays(11, kSince1970);
  delays.emplace_back(-kSince1970);
  const auto statistics = summarize_direction(delays);
  const double us = static_cast<double>(kSince1970.count()) / 1e3;
  CHECK(statistics.mean == Approx(us * 10 / 12));
  CHECK(statistics.max == Approx(us));
  CHECK(statistics.variation_mean == Approx(us * 2 / 11));
}

TEST_CASE("a session's packets are counted by their numbers", "[stamp]") {
  const auto count = [](std::initializer_list<std::uint32_t> numbers) {
    detail::SequenceCount counted;
    for (const std::uint32_t number : numbers) counted.add(number);
    return std::vector<std::uint64_t>{counted.received(), counted.duplicates(), counted.reordered(),
                                      counted.missing()};
  };
  using Counts = std::vector<std::uint64_t>;
  CHECK(count({}) == Counts{0, 0, 0, 0});
  CHECK(count({0, 1, 2}) == Counts{3, 0, 0, 0});
  CHECK(count({0, 2, 5}) == Counts{3, 0, 0, 3});
  CHECK(count({0, 2, 1}) == Counts{3, 0, 1, 0});
  CHECK(count({0, 1, 1, 0}) == Counts{4, 2, 0, 0});
  CHECK(count({5, 4, 6}) == Counts{3, 0, 1, 0});
  CHECK(count({0, 200, 100}) == Counts{3, 0, 1, 198});
  CHECK(count({0, 63, 0}) == Counts{3, 1, 0, 62});
  CHECK(count({0, 0xffffffffU}) == Counts{2, 0, 0, 0xfffffffeU});
}
