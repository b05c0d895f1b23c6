#include "mplane/probes/common/scope.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;

TEST_CASE("what is left of a scope, and the periods that start in it", "[probing]") {
  const Instant now = Time::parse("2026-01-01 12:00:00").instant();
  struct Case {
    const char* when;
    std::optional<Duration> left;
    std::optional<std::uint64_t> periods;  // of two seconds
  };
  constexpr Duration kNone(0);
  const std::vector<Case> cases{
      {"now", kNone, 1},
      {"2026-01-01 11:00:00", kNone, 1},
      {"now + 6s / 2s", 6s, 3},
      {"now + 5s / 2s", 5s, 3},
      {"now + 7s / 2s", 7s, 4},
      {"now + 0s / 2s", kNone, 1},
      {"now ... future / 2s", std::nullopt, std::nullopt},
      {"now + inf / 2s", std::nullopt, std::nullopt},
      {"2026-01-01 11:59:55 ... 2026-01-01 12:00:05 / 2s", 5s, 3},  // half of it is over
      {"2026-01-01 12:00:10 ... 2026-01-01 12:00:20 / 2s", 10s, 5},
      {"2026-01-01 11:00:00 ... 2026-01-01 11:30:00 / 2s", kNone, 1},
      {"past ... now / 2s", kNone, 1}};
  for (const Case& c : cases) {
    CAPTURE(c.when);
    CHECK(time_left(When::parse(c.when), now) == c.left);
    CHECK(count_periods(When::parse(c.when), 2s, now) == c.periods);
  }
}

TEST_CASE("the longest scopes and periods can be counted", "[probing]") {
  const Instant now = Time::parse("2026-01-01").instant();
  const When long_one = When::parse("now ... 9999-12-31 23:59:59 / 1s");
  CHECK(count_periods(long_one, 1s, now) == 251'635'075'199);
  CHECK(count_periods(long_one, Duration::max(), now) == 1);
}
