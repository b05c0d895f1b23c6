#include "error_of.hpp"
#include "mplane/model/when.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

using mplane::Duration;
using mplane::Instant;
using mplane::Time;
using mplane::When;

namespace {

Instant instant(const std::string_view text) { return Time::parse(text).instant(); }

// The starts at or after now, as times of day, or with the day where it is another.
std::string starts_of(const std::string_view scope, const std::string_view now,
                      const std::size_t limit = 4) {
  std::string text;
  for (const Instant start : When::parse(scope).starts(instant(now), instant(now), limit)) {
    const std::string time = to_string(Time(start), mplane::Precision::Seconds);
    const bool is_today = time.starts_with(now.substr(0, 10));
    text += (text.empty() ? "" : ", ") + (is_today ? time.substr(11) : time);
  }
  return text;
}

}  // namespace

TEST_CASE("runs start at the start of the outer range and every period after it", "[when]") {
  struct Case {
    std::string_view scope, now, starts;
  };
  const Case cases[] = {
      {"repeat now + 30m / 15s", "2015-06-01 12:00:07", "12:00:07, 12:00:22, 12:00:37, 12:00:52"},
      {"repeat now + 10s / 3s", "2015-06-01 12:00:00", "12:00:00, 12:00:03, 12:00:06, 12:00:09"},
      {"repeat now + 9s / 3s", "2015-06-01 12:00:00", "12:00:00, 12:00:03, 12:00:06, 12:00:09"},
      {"repeat now + 2s / 3s", "2015-06-01 12:00:00", "12:00:00"},
      {"repeat now + 0s / 1m", "2015-06-01 12:00:00", "12:00:00"},
      {"repeat now ... 2015-06-01 12:00:30 / 30s", "2015-06-01 12:00:00", "12:00:00, 12:00:30"},
      {"repeat 2015-06-01 11:59:30 ... 2015-06-01 12:01:00 / 20s", "2015-06-01 12:00:00",
       "12:00:10, 12:00:30, 12:00:50"},
      {"repeat 2015-06-01 11:59:40 ... 2015-06-01 12:01:00 / 20s", "2015-06-01 12:00:00",
       "12:00:00, 12:00:20, 12:00:40, 12:01:00"},
      {"repeat 2014-01-01 ... 2014-02-01 / 30m", "2015-06-01 12:00:00", ""},
      {"repeat 2015-06-01 13:00:00 + 1h / 30m", "2015-06-01 12:00:00",
       "13:00:00, 13:30:00, 14:00:00"},
      {"repeat past ... future / 1h", "2015-06-01 12:00:00",
       "12:00:00, 13:00:00, 14:00:00, 15:00:00"},
      {"repeat past ... now / 1h", "2015-06-01 12:00:00", "12:00:00"},
      {"repeat future ... future / 1h", "2015-06-01 12:00:00", ""},
      {"repeat now ... 2014-01-01 / 1h", "2015-06-01 12:00:00", ""},
      {"repeat now + inf / inf", "2015-06-01 12:00:00", "12:00:00"},
      {"repeat now ... future / 106751991d", "2015-06-01 12:00:00", "12:00:00"},
      {"repeat now ... future / 1d", "9999-12-30 12:00:00", "12:00:00, 9999-12-31 12:00:00"},
      {"repeat now + 1d cron 0 0,30 8-9 * * *", "2015-06-01 08:10:00",
       "08:30:00, 09:00:00, 09:30:00, 2015-06-02 08:00:00"},
      {"repeat now + 2s cron * * * * * *", "2015-06-01 12:00:00", "12:00:00, 12:00:01, 12:00:02"},
      {"repeat 2015-06-01 12:00:30 + 1m cron 0,45 * * * * *", "2015-06-01 12:00:00",
       "12:00:45, 12:01:00"},
      {"repeat past ... future cron 0 0 * * * *", "2015-06-01 12:00:01",
       "13:00:00, 14:00:00, 15:00:00, 16:00:00"},
      {"repeat now ... future cron 0 0 0 31 * 2", "2015-06-01 12:00:00", ""},
      {"repeat now ... 2016-02-28 cron 0 0 0 29 * 2", "2015-06-01 12:00:00", ""},
      {"now + 5s", "2015-06-01 12:00:00", ""},  // not repeated
  };
  for (const auto& [scope, now, starts] : cases) {
    CAPTURE(scope);
    CHECK(starts_of(scope, now) == starts);
  }
}

TEST_CASE("a grid keeps its anchor however late it is asked", "[when]") {
  const When when = When::parse("repeat now ... future / 7s");
  const Instant accepted = instant("2015-06-01 12:00:00.25");
  CHECK(when.next_start(instant("2015-06-01 12:00:07.25"), accepted) ==
        instant("2015-06-01 12:00:07.25"));
  CHECK(when.next_start(instant("2015-06-01 12:00:07.250001"), accepted) ==
        instant("2015-06-01 12:00:14.25"));
  CHECK(when.next_start(instant("2014-01-01"), accepted) == accepted);
  CHECK(when.next_start(Instant::min(), accepted) == accepted);
  CHECK_FALSE(when.next_start(Instant::max(), accepted));
}

TEST_CASE("a preview is as long as asked for", "[when]") {
  const Instant now = instant("2015-06-01");
  const When daily = When::parse("repeat now ... future cron 0 0 12 * * *");
  CHECK(daily.starts(now, now, 0).empty());
  CHECK(daily.starts(now, now, 50).size() == 50);
  CHECK(daily.starts(now, now, 50).back() == instant("2015-07-20 12:00"));
}

TEST_CASE("a run is the inner scope, from its start", "[when]") {
  const Instant start = instant("2015-06-01 12:00:00.25");
  const auto run_of = [start](const std::string_view scope) {
    return to_string(When::parse(scope).run_at(start));
  };
  CHECK(run_of("repeat now + 1h / 1m") == "2015-06-01 12:00:00.250000");
  CHECK(run_of("repeat now + 1h / 1m { now + 5s / 1s }") == "2015-06-01 12:00:00.250000 + 5s / 1s");
  CHECK(run_of("repeat past ... future cron 0 0 0 * * * { now + 5s }") ==
        "2015-06-01 12:00:00.250000 + 5s");
  CHECK(run_of("now + 5s") == "2015-06-01 12:00:00.250000 + 5s");
  CHECK(run_of("now ... future / 1s") == "2015-06-01 12:00:00.250000 ... future / 1s");
}

TEST_CASE("an envelope of runs has the outer range and period", "[when]") {
  const Instant now = instant("2015-06-01 12:00:00");
  const auto outer_of = [now](const std::string_view scope) {
    return to_string(When::parse(scope).outer(now));
  };
  CHECK(outer_of("repeat now + 12s / 3s { now + 1s / 1s }") ==
        "2015-06-01 12:00:00.000000 ... 2015-06-01 12:00:12.000000 / 3s");
  CHECK(outer_of("repeat now ... future / 2s") == "2015-06-01 12:00:00.000000 ... future / 2s");
  CHECK(outer_of("repeat past ... now cron 0 0 0 * * *") == "past ... 2015-06-01 12:00:00.000000");
  CHECK_THROWS_AS(When::parse("repeat now ... 2014-01-01 / 1h").outer(now), mplane::Error);
}
