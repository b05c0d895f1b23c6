#include "schedule.hpp"

#include "scheduler/workshop.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;
using detail::Now;
using detail::Schedule;

namespace {

const Instant kNoon = Time::parse("2015-06-01 12:00:00").instant();

Now at(Duration after_noon) { return {1000s + after_noon, kNoon + after_noon}; }

Specification spec(const std::string& when, const std::string& verb = "measure") {
  return ask(ping_capability("x", verb), when, "t");
}

/// When the first starts are due, in seconds after noon, as seen from noon.
std::vector<double> starts(const std::string& when, std::size_t most = 4, Duration slip = 0s) {
  const Specification specification = spec(when);
  Schedule schedule(specification, at(0s), slip);
  std::vector<double> seconds;
  while (schedule.next() && seconds.size() < most) {
    const std::chrono::duration<double> late = schedule.due().lateness(at(0s));
    seconds.push_back(-late.count());
    schedule.advance(specification.when());
  }
  return seconds;
}

}  // namespace

TEST_CASE("a scope says when its runs start", "[schedule]") {
  struct Case {
    std::string when;
    std::vector<double> seconds;
  };
  const std::vector<Case> cases{
      {"now", {0}},
      {"now + 3s", {0}},
      {"now ... future", {0}},
      {"past ... future", {0}},
      {"2015-06-01 11:00:00 + 2h", {0}},
      {"2015-06-01 12:00:05", {5}},
      {"2015-06-01 12:00:05 + 2s", {5}},
      {"repeat now + 2s / 1s", {0, 1, 2}},
      {"repeat now ... future / 10s { now + 5s }", {0, 10, 20, 30}},
      {"repeat 2015-06-01 11:59:55 + 30s / 10s", {5, 15, 25}},
      {"repeat 2015-06-01 12:01:00 ... future / 1m", {60, 120, 180, 240}},
      {"repeat now ... future cron 0,30 * * * * *", {0, 30, 60, 90}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.when);
    CHECK(starts(c.when) == c.seconds);
  }
}

TEST_CASE("what is over, or never comes, has no schedule", "[schedule]") {
  for (const char* when :
       {"2015-06-01 11:59:59.999999", "2015-06-01 11:00:00 + 59m59s", "2014-01-01 ... 2014-01-02",
        "past", "future", "repeat 2014-01-01 + 1h / 1m", "now ... 2014-01-01",
        "repeat 2015-01-01 ... 2015-01-02 cron 0 0 0 * * *"}) {
    CAPTURE(when);
    const Specification specification = spec(when);
    CHECK_THROWS_AS(Schedule(specification, at(0s), 0s), Error);
  }
}

TEST_CASE("a query runs at once over any scope", "[schedule]") {
  for (const char* when : {"2014-01-01 ... 2014-01-02", "2020-01-01", "now", "past ... now"}) {
    CAPTURE(when);
    const Schedule schedule(spec(when, "query"), at(0s), 9s);
    CHECK(schedule.due().lateness(at(0s)) == 0s);
    CHECK_FALSE(schedule.end(spec(when, "query"), at(0s)));
  }
}

TEST_CASE("a slip puts off what is planned, not what is at once", "[schedule]") {
  CHECK(starts("now + 3s", 1, 250ms) == std::vector{0.0});
  CHECK(starts("2015-06-01 12:00:05", 1, 250ms) == std::vector{5.25});
  CHECK(starts("repeat now + 2s / 1s", 4, 250ms) == std::vector{0.25, 1.25, 2.25});
}

TEST_CASE("a slip puts off the end of a run with its start", "[schedule]") {
  const Specification specification = spec("2015-06-01 12:00:05 + 2s");
  const Schedule schedule(specification, at(0s), 10s);
  const auto end = schedule.end(specification, at(15s));
  REQUIRE(end);
  CHECK(end->lateness(at(15s)) == -2s);
}

TEST_CASE("starts that are late are left out and counted", "[schedule]") {
  struct Case {
    std::string when;
    Duration now;
    std::uint64_t passed;
    double last;  // seconds after noon
  };
  const std::vector<Case> cases{
      {"repeat now ... future / 10s", 0s, 0, 0},
      {"repeat now ... future / 10s", 1s, 0, 0},
      {"repeat now ... future / 10s", 1s + 1us, 1, 0},
      {"repeat now ... future / 10s", 1h, 360, 3590},
      {"repeat now ... future / 10s", 1h + 2s, 361, 3600},
      {"repeat now + 1m / 10s", 1h, 7, 60},
      {"repeat 2015-06-01 12:00:00 + 1m / 10s", 1h, 7, 60},
      {"repeat now ... future cron 0 * * * * *", 1h, 60, 3540},
      {"2015-06-01 12:00:10", 1h, 1, 10},
      {"repeat now ... future cron * * * * * *", 24h * 365 * 50, 1'576'799'999, 1'576'799'998},
      {"repeat now + 1d cron * * * * * *", 24h * 365 * 50, 86'401, 86'400},
      {"repeat now ... future cron 0,30 0 0,12 * * *", 48h, 8, 36 * 3600 + 30},
      {"repeat now ... future cron 30 59 23 * 2 *", 24h * 7, 1, 36 * 3600 - 30},
      {"repeat 2015-06-01 12:00:00 ... future / 1s", 24h * 365 * 50, 1'576'799'999, 1'576'799'998},
  };
  for (const Case& c : cases) {
    CAPTURE(c.when, c.now.count());
    const Specification specification = spec(c.when);
    Schedule schedule(specification, at(0s), 0s);
    const auto passed = schedule.skip_late(specification.when(), at(c.now), 1s);
    CHECK(passed.count == c.passed);
    if (c.passed > 0) CHECK(std::chrono::duration<double>(passed.last - kNoon).count() == c.last);
    if (schedule.next()) CHECK(schedule.due().lateness(at(c.now)) <= 1s);
  }
}

TEST_CASE("a crontab's firings are counted as if one by one", "[schedule]") {
  for (const char* text : {"* * * * * *", "0,7,59 * * * * *", "59 59 23 * * *", "0 0 0 1 * *",
                           "30 3,5 0,12,23 * 0,3 *", "1-5 10 10 29 * 2"}) {
    const Crontab crontab = Crontab::parse(text);
    const Instant from = *crontab.next(kNoon + 17h + 123s);
    for (const Duration length : {Duration(0s), Duration(1s), Duration(59s), Duration(12h),
                                  Duration(24h + 1s), Duration(60h)}) {
      CAPTURE(text, length.count());
      std::uint64_t count = 0;
      Instant last{};
      for (auto next = std::optional(from); next && *next <= from + length;) {
        ++count;
        last = *next;
        next = crontab.next(*next + 1us);
      }
      const detail::Firings firings = detail::count_firings(crontab, from, from + length);
      CHECK(firings.count == count);
      CHECK(firings.last == last);
    }
  }
}

TEST_CASE("a run's scope ends on the clock that it was written for", "[schedule]") {
  struct Case {
    std::string when;
    double end;       // seconds after noon, of a run that starts at noon
    double end_step;  // the same, when the clock is then set forward by an hour
  };
  const std::vector<Case> cases{
      {"now + 3s", 3, 3},
      {"now ... 2015-06-01 12:00:04", 4, 4 - 3600},
      {"2015-06-01 12:00:00 + 5s", 5, 5 - 3600},
      {"past ... now", 0, 0},
      {"repeat now + 1h / 1m { now + 6s }", 6, 6},
      {"repeat 2015-06-01 12:00:00 + 1h / 1m { now + 7s }", 7, 7},
  };
  for (const Case& c : cases) {
    CAPTURE(c.when);
    const Specification specification = spec(c.when);
    const Schedule schedule(specification, at(0s), 0s);
    const auto end = schedule.end(specification, at(0s));
    REQUIRE(end);
    const Now stepped{at(0s).steady, kNoon + 1h};
    CHECK(std::chrono::duration<double>(-end->lateness(at(0s))).count() == c.end);
    CHECK(std::chrono::duration<double>(-end->lateness(stepped)).count() == c.end_step);
  }
  for (const char* when : {"now", "now ... future", "past ... future", "2015-06-01 12:00:05",
                           "repeat now + 1h / 1m", "now + inf"}) {
    CAPTURE(when);
    const Specification specification = spec(when);
    CHECK_FALSE(Schedule(specification, at(0s), 0s).end(specification, at(0s)));
  }
}
