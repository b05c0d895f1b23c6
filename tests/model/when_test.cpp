#include "mplane/model/when.hpp"

#include "error_of.hpp"

#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using mplane::Duration;
using mplane::ErrorKind;
using mplane::Instant;
using mplane::kWithoutEnd;
using mplane::Time;
using mplane::When;
using namespace std::chrono_literals;

namespace {

Instant instant(const std::string_view text) { return Time::parse(text).instant(); }

const Instant kNow = instant("2015-06-01 12:00:00");  // NOLINT: of the tests alone

std::string predicates_of(const When& when) {
  std::string names;
  const auto add = [&names](const bool holds, const std::string& name) {
    if (holds) names += (names.empty() ? "" : " ") + name;
  };
  add(when.is_immediate(), "immediate");
  add(when.is_forever(), "forever");
  add(when.is_future(), "future");
  add(when.is_past(), "past");
  add(when.is_infinite(), "infinite");
  add(when.is_definite(), "definite");
  add(when.is_singleton(), "singleton");
  add(when.is_repeated(), "repeated");
  return names;
}

// Seconds, or "-" for nothing.
std::string seconds_of(const std::optional<Duration> duration) {
  return duration ? std::to_string(duration->count() / 1'000'000) : "-";
}

}  // namespace

TEST_CASE("a scope is read and written in its canonical form", "[when]") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"now", "now"},
      {"past", "past"},
      {"future", "future"},
      {"2009-02-20", "2009-02-20 00:00:00.000000"},
      {"2009-02-20 13:00:00.123456789", "2009-02-20 13:00:00.123456"},
      {"2009-02-20 13:00 ... 2009-02-20 15:00",
       "2009-02-20 13:00:00.000000 ... 2009-02-20 15:00:00.000000"},
      {"2009-02-20 ... 2009-02-20", "2009-02-20 00:00:00.000000 ... 2009-02-20 00:00:00.000000"},
      {"2009-02-20 + 90s", "2009-02-20 00:00:00.000000 + 1m30s"},
      {"2009-02-20 13:00 + 1d / 10m", "2009-02-20 13:00:00.000000 + 1d / 10m"},
      {"now + 0s", "now + 0s"},
      {"now + inf", "now + inf"},
      {"now + 30s / 1s", "now + 30s / 1s"},
      {"now ... future / 500s", "now ... future / 8m20s"},
      {"now ... future / inf", "now ... future / inf"},
      {"past ... now", "past ... now"},
      {"past ... past", "past ... past"},
      {"now ... 2014-01-01", "now ... 2014-01-01 00:00:00.000000"},
      {"2030-01-01 ... now", "2030-01-01 00:00:00.000000 ... now"},
      {"future + 1h", "future + 1h"},
      {"past + 1h", "past + 1h"},
      {"repeat now + 30m / 15s", "repeat now + 30m / 15s"},
      {"repeat now + 30m / 1m { now }", "repeat now + 30m / 1m"},
      {"repeat now + 30m / 1m { now + 5s }", "repeat now + 30m / 1m { now + 5s }"},
      {"repeat now + 30m / 1m { now + 5s / 1s }", "repeat now + 30m / 1m { now + 5s / 1s }"},
      {"repeat now + 30m / 1m { now + 5s / 1s } ", "repeat now + 30m / 1m { now + 5s / 1s }"},
      {"repeat now + 30m / 1m { now + 0s }", "repeat now + 30m / 1m { now + 0s }"},
      {"repeat now ... future cron 0 0 0 1 1 1", "repeat now ... future cron 0 0 0 1 1 1"},
      {"repeat now + inf cron 0 5-7 0 1 1 1 { now + 1m / 2s }",
       "repeat now + inf cron 0 5,6,7 0 1 1 1 { now + 1m / 2s }"},
      {"repeat 2016-02-01 ... 2016-03-02 / 1d",
       "repeat 2016-02-01 00:00:00.000000 ... 2016-03-02 00:00:00.000000 / 1d"},
  };
  for (const auto& [text, canonical] : cases) {
    CAPTURE(text);
    const When when = When::parse(text);
    CHECK(to_string(when) == canonical);
    CHECK(When::parse(canonical) == when);
  }
}

namespace {

const std::pair<std::string_view, std::string_view> kFaults[] = {
    {"", R"("" is not a temporal scope: a time is past, now, future or)"},
    {" ", "a time is past, now, future or YYYY-MM-DD HH:MM:SS.ffffff, at character 1"},
    {" now", "a time is past, now, future"},
    {"now ", "the text should have ended, at character 4"},
    {"now\n", "the text should have ended, at character 4"},
    {"tomorrow", "a time is past, now, future"},
    {"now...future", "the text should have ended, at character 4"},
    {"now ...  future", "a time is past, now, future"},
    {"now ... ", "a time is past, now, future or YYYY-MM-DD HH:MM:SS.ffffff, at the end"},
    {"now ... future ... past", "the text should have ended, at character 15"},
    {"2009-02-20 ... abc", "at character 16"},
    {"2009-02-20T13:00:00", "the text should have ended, at character 11"},
    {"2009-02-20 13:00:00+02:00", "the text should have ended, at character 20"},
    {"2009-02-20 13:00:60", "seconds are 00 to 59"},
    {"2009-02-30 + 5s", "there is no such day"},
    {"now + ", "a duration is like 1d2h3m4s, or inf"},
    {"now + 30", "a number is followed by d, h, m or s"},
    {"now + -5s", "a duration is like 1d2h3m4s"},
    {"now + 5s junk", "the text should have ended, at character 9"},
    {"now + 5s + 5s", "the text should have ended"},
    {"now + 5s / 1s / 1s", "the text should have ended"},
    {"now + 106751992d", "a duration is at most 106751991 days"},
    {"now ... future / ", "a duration is like"},
    {"now ... future / 0s", "a period cannot be zero, at character 18"},
    {"now / 1s", "the text should have ended, at character 4"},
    {"2015-01-01 ... 2014-01-01", "the end is before the start, at character 16"},
    {"future ... past", "the end is before the start"},
    {"future ... now", "the end is before the start"},
    {"now ... past", "the end is before the start"},
    {"2015-01-01 ... past", "the end is before the start"},
    {"future ... 2015-01-01", "the end is before the start"},
    {"repeat", "a time is past, now, future"},
    {"repeat ", "a time is past, now, future"},
    {"repeat now", "what is repeated is a range"},
    {"repeat now / 1h", "what is repeated is a range, with ... or +, at character 11"},
    {"repeat now + 1h", "a repeated scope goes on with a period or a crontab"},
    {"repeat now + 30m { now + 5s / 1s }", "a repeated scope goes on with a period or a crontab"},
    {"repeat now + 1h / 0s", "a period cannot be zero"},
    {"repeat now + 1h / 1m { }", "an inner scope starts with now"},
    {"repeat now + 1h / 1m { past ... now }", "an inner scope starts with now"},
    {"repeat now + 1h / 1m { 2009-02-20 + 5s }", "an inner scope starts with now"},
    {"repeat now + 1h / 1m { now ... future }", "an inner scope is now + duration / period"},
    {"repeat now + 1h / 1m { now / 5s }", "an inner scope is now + duration / period"},
    {"repeat now + 1h / 1m { now + 5s / 0s }", "a period cannot be zero"},
    {"repeat now + 1h / 1m { now + junk / 1s }", "a duration is like"},
    {"repeat now + 1h / 1m { now + 5s", "an inner scope is now + duration / period and ends in }"},
    {"repeat now + 1h / 1m { now + 5s }  ", "the text should have ended"},
    {"repeat now + 1h / 1m ", "the text should have ended"},
    {"repeat now + 1h / 1m {now + 5s}", "the text should have ended"},
    {"now + repeat now + 1h / 1m", "a duration is like"},
    {"repeat now ... future cron 0 0 0 * *", "six fields"},
    {"repeat now ... future cron 0 0 0 * * * *", "the text should have ended"},
    {"repeat now ... future cron 0 0 0 * * * / 5s", "the text should have ended"},
    {"repeat now ... future cron 99 99 99 99 99 99", "a second is 0 to 59, at character 28"},
    {"repeat repeat now + 1h / 1m / 1h", "a time is past, now, future"},
    {"{ now + 5s / 1s }", "a time is past, now, future"},
};

}  // namespace

TEST_CASE("what is no scope is refused with the place", "[when]") {
  for (const auto& [text, reason] : kFaults) {
    CAPTURE(text);
    const auto error = error_of([&text = text] { When::parse(text); });
    CHECK(error.kind() == ErrorKind::Malformed);
    CHECK_THAT(error.message(), Catch::Contains(std::string(reason)));
  }
}

TEST_CASE("a scope can be made from its parts", "[when]") {
  const Time start = Time::parse("2015-06-01");
  CHECK(to_string(When()) == "past ... future");
  CHECK(When::at(Time::now()) == When::parse("now"));
  CHECK(When::between(Time::now(), Time::future()) == When::parse("now ... future"));
  CHECK(When::between(start, start) == When::parse("2015-06-01 ... 2015-06-01"));
  CHECK(When::lasting(start, 90s).every(1s) == When::parse("2015-06-01 + 90s / 1s"));
  CHECK(When::lasting(start, kWithoutEnd) == When::parse("2015-06-01 + inf"));
}

TEST_CASE("a scope that could not be written cannot be made", "[when]") {
  const When range = When::parse("now + 1h");
  const auto malformed = [](const auto& action) {
    CHECK(error_of(action).kind() == ErrorKind::Malformed);
  };
  malformed([] { When::between(Time::future(), Time::past()); });
  malformed([] { When::between(Time::parse("2015-01-01"), Time::parse("2014-12-31")); });
  malformed([] { When::lasting(Time::now(), -1s); });
  malformed([] { When::lasting(Time::now(), 1500ms); });
  malformed([&range] { range.every(0s); });
  malformed([&range] { range.every(-1s); });
  malformed([&range] { range.every(1500ms); });
  malformed([] { When::at(Time::now()).every(1s); });
  malformed([] { When::parse("repeat now + 1h / 1m").every(1s); });
  CHECK(error_of([] { When::between(Time::future(), Time::past()); }).message() ==
        "the scope future ... past ends before it starts");
}

TEST_CASE("a scope hands out what was written", "[when]") {
  const When when = When::parse("repeat now + 30m / 1m { now + 5s / 1s }");
  CHECK(when.start() == Time::now());
  CHECK_FALSE(when.end());
  CHECK(when.duration() == Duration(30min));
  CHECK(when.period() == Duration(1min));
  CHECK(when.crontab() == nullptr);
  CHECK(when.inner() == When::parse("now + 5s / 1s"));
  const When cron = When::parse("repeat now ... future cron 0 0 0 1 1 1");
  CHECK(cron.end() == Time::future());
  CHECK_FALSE(cron.period());
  REQUIRE(cron.crontab() != nullptr);
  CHECK(to_string(*cron.crontab()) == "0 0 0 1 1 1");
  CHECK(cron.inner() == When::at(Time::now()));
  CHECK(When::parse("now + 5s / 1s").inner() == When::parse("now + 5s / 1s"));
}

TEST_CASE("the predicates of a scope are those of its outer range", "[when]") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"now", "immediate singleton"},
      {"past", "singleton"},
      {"future", "future singleton"},
      {"2009-02-20", "definite singleton"},
      {"2009-02-20 ... 2009-02-21", "definite"},
      {"2009-02-20 + 1h / 1s", "definite"},
      {"2009-02-20 + inf", "forever"},
      {"2009-02-20 ... future", "forever"},
      {"2009-02-20 ... now", ""},
      {"now + 5s", "immediate"},
      {"now + inf", "immediate forever future"},
      {"now ... 2020-01-01", "immediate"},
      {"now ... future", "immediate forever future"},
      {"past ... now", "past"},
      {"past ... 2009-02-20", ""},
      {"past ... future / 1s", "forever infinite"},
      {"past + inf", "forever infinite"},
      {"repeat now + 30m / 1m { now + 5s }", "immediate repeated"},
      {"repeat now ... future cron 0 0 0 1 1 1", "immediate forever future repeated"},
      {"repeat 2014-01-01 ... 2014-06-01 / 30m { now + 5m }", "definite repeated"},
  };
  for (const auto& [text, predicates] : cases) {
    CAPTURE(text);
    CHECK(predicates_of(When::parse(text)) == predicates);
  }
}

TEST_CASE("a scope has a start, an end and a length, seen from now", "[when]") {
  struct Case {
    std::string_view text, start, end, seconds;
  };
  const Case cases[] = {
      {"now", "2015-06-01 12:00:00.000000", "2015-06-01 12:00:00.000000", "0"},
      {"past", "past", "past", "-"},
      {"future", "future", "future", "-"},
      {"2009-02-20", "2009-02-20 00:00:00.000000", "2009-02-20 00:00:00.000000", "0"},
      {"now + 30m", "2015-06-01 12:00:00.000000", "2015-06-01 12:30:00.000000", "1800"},
      {"now + inf", "2015-06-01 12:00:00.000000", "future", "-"},
      {"now + 106751991d", "2015-06-01 12:00:00.000000", "future", "-"},
      {"9999-12-31 23:59:59 + 0s", "9999-12-31 23:59:59.000000", "9999-12-31 23:59:59.000000", "0"},
      {"9999-12-31 23:59:59 + 1s", "9999-12-31 23:59:59.000000", "future", "-"},
      {"past + 1h", "past", "past", "-"},
      {"past + inf", "past", "future", "-"},
      {"future + 1h", "future", "future", "-"},
      {"past ... now", "past", "2015-06-01 12:00:00.000000", "-"},
      {"now ... 2014-01-01", "2015-06-01 12:00:00.000000", "2014-01-01 00:00:00.000000",
       "-44625600"},
      {"repeat now + 30m / 1m { now + 2h }", "2015-06-01 12:00:00.000000",
       "2015-06-01 12:30:00.000000", "1800"},
  };
  for (const auto& [text, start, end, seconds] : cases) {
    CAPTURE(text);
    const When when = When::parse(text);
    CHECK(to_string(when.interval(kNow).start) == start);
    CHECK(to_string(when.interval(kNow).end) == end);
    CHECK(seconds_of(when.length(kNow)) == seconds);
  }
  CHECK(When::parse("now").interval(Instant::max()).start ==
        Time::parse("9999-12-31 23:59:59.999999"));
}

TEST_CASE("timers wait for start and end, unless the scope has ended", "[when]") {
  struct Case {
    std::string_view text, start, end;
  };
  const Case cases[] = {
      {"now", "0", "-"},
      {"past", "-", "-"},
      {"future", "-", "-"},
      {"2009-02-20", "-", "-"},
      {"2015-06-01 12:00:00", "0", "-"},
      {"2015-06-01 12:00:01", "1", "-"},
      {"2015-06-01 11:00:00 + 30m", "-", "-"},
      {"2015-06-01 11:59:59 + 1s", "0", "0"},
      {"2015-06-01 11:30:00 + 1h", "0", "1800"},
      {"2015-06-02 00:00:00 + 1d", "43200", "129600"},
      {"2020-01-01 ... future", "144676800", "-"},
      {"2009-02-20 ... 2009-02-21", "-", "-"},
      {"2015-01-01 ... now / 30s", "0", "0"},
      {"now + 5s", "0", "5"},
      {"now + inf", "0", "-"},
      {"past ... now", "0", "0"},
      {"past ... future", "0", "-"},
      {"now ... 2014-01-01", "-", "-"},
      {"2030-01-01 ... now", "460296000", "0"},
      {"repeat now + 30m / 15s", "0", "1800"},
      {"future + 1h", "-", "-"},
  };
  for (const auto& [text, start, end] : cases) {
    CAPTURE(text);
    const auto delays = When::parse(text).timer_delays(kNow);
    CHECK(seconds_of(delays.start) == start);
    CHECK(seconds_of(delays.end) == end);
  }
}

TEST_CASE("a time lies before, in or after a scope", "[when]") {
  struct Case {
    std::string_view scope, time, seconds;
  };
  const Case cases[] = {
      {"now + 30m", "now", "0"},
      {"now + 30m", "2015-06-01 12:30:00", "0"},
      {"now + 30m", "2015-06-01 12:30:01", "1"},
      {"now + 30m", "2015-06-01 11:59:59", "-1"},
      {"now + 30m", "past", "min"},
      {"now + 30m", "future", "max"},
      {"now ... future", "future", "0"},
      {"past ... now", "past", "0"},
      {"past ... future", "past", "0"},
      {"past ... future", "future", "0"},
      {"past", "past", "0"},
      {"past", "now", "max"},
      {"future", "now", "min"},
      {"now", "2015-06-01 12:30:00", "1800"},
      {"now", "2009-02-20 12:59:59", "-198025201"},
      {"2016-01-01 ... future", "now", "-18446400"},
      {"repeat now + 30m / 1m { now + 5s / 1s }", "2015-06-01 12:10:30", "0"},
      {"repeat now + 30m / 1m { now + 5s / 1s }", "2015-06-01 12:30:01", "1"},
      {"now ... 2014-01-01", "2014-06-01", "13046400"},
      {"now ... 2014-01-01", "2013-12-31 12:00:00", "-44668800"},
      {"now ... 2014-01-01", "now", "44625600"},
  };
  for (const auto& [scope, time, seconds] : cases) {
    CAPTURE(scope, time);
    const Duration distance = When::parse(scope).distance(Time::parse(time), kNow);
    CHECK(When::parse(scope).contains(Time::parse(time), kNow) == (seconds == "0"));
    if (seconds == "min" || seconds == "max") {
      CHECK(distance == (seconds == "min" ? Duration::min() : Duration::max()));
    } else {
      CHECK(seconds_of(distance) == seconds);
    }
  }
}

TEST_CASE("a scope follows one that it lies in, at a period that is supported", "[when]") {
  struct Case {
    std::string_view scope, capability;
    bool follows;
  };
  const Case cases[] = {
      {"now", "now", true},
      {"now + 30s", "now", false},
      {"now", "now ... future", true},
      {"now + 2h", "now ... future", true},
      {"now ... future", "now + inf", true},
      {"now + inf", "now ... future", true},
      {"past ... future", "now ... future", false},
      {"past ... future", "past ... future", true},
      {"past ... now", "past ... now", true},
      {"2009-02-20 ... 2009-02-21", "past ... now", true},
      {"2009-02-20 ... 2009-02-21", "2009-02-20 12:00 ... 2009-02-21", false},
      {"2009-02-20 ... 2009-02-21", "2009-02-20 ... 2009-02-20 12:00", false},
      {"now + 30s / 1s", "now ... future / 1s", true},
      {"now + 30s / 2s", "now ... future / 1s", true},
      {"now + 30s / 1s", "now ... future / 2s", false},
      {"now + 30s", "now ... future / 1s", false},
      {"now + 30s / 1s", "now ... future", false},
      {"now", "now ... future / 1s", false},
      {"repeat now + 30m / 1m { now + 5s / 2s }", "now ... future / 1s", true},
      {"repeat now + 30m / 1m { now + 5s / 2s }", "now + 30m / 2s", true},
      {"repeat now + 30m / 1m { now + 5s / 2s }", "now ... future", false},
      {"repeat now + 30m / 1m", "now ... future", true},
      {"repeat now + 30m / 1m", "now ... future / 1s", false},
      {"now + 5s / 2s", "repeat now ... future / 1h { now + 5s / 1s }", true},
      {"now + 5s", "repeat now ... future / 1h { now + 5s / 1s }", false},
      {"now ... 2014-01-01", "now ... future", false},
  };
  for (const auto& [scope, capability, follows] : cases) {
    CAPTURE(scope, capability);
    CHECK(When::parse(scope).follows(When::parse(capability), kNow) == follows);
  }
}

TEST_CASE("a scope with now filled in is definite, or refused when it has ended", "[when]") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"now", "2015-06-01 12:00:00.000000"},
      {"now + 30s / 1s", "2015-06-01 12:00:00.000000 + 30s / 1s"},
      {"past ... now", "past ... 2015-06-01 12:00:00.000000"},
      {"now ... future", "2015-06-01 12:00:00.000000 ... future"},
      {"repeat now + 30m / 1m { now + 5s / 1s }",
       "repeat 2015-06-01 12:00:00.000000 + 30m / 1m { now + 5s / 1s }"},
      {"repeat now ... future cron 0 0 0 1 1 1",
       "repeat 2015-06-01 12:00:00.000000 ... future cron 0 0 0 1 1 1"},
  };
  for (const auto& [text, resolved] : cases) {
    CHECK(to_string(When::parse(text).resolved(kNow)) == resolved);
  }
  CHECK(error_of([] { When::parse("now ... 2014-01-01").resolved(kNow); }).kind() ==
        ErrorKind::Malformed);
}

TEST_CASE("the text of any scope reads back to it", "[when]") {
  std::mt19937 random(10);
  const auto one_of = [&random](const std::vector<std::string>& texts) {
    return texts[random() % texts.size()];
  };
  const auto duration = [&random] { return std::to_string(random() % 1'000'000) + "s"; };
  const auto period = [&random] { return std::to_string(random() % 1'000'000 + 1) + "s"; };
  for (int i = 0; i < 5'000; ++i) {
    const std::string start = one_of({"past", "now", "2015-01-01", "2015-06-01 12:34:56.789"});
    const std::string end = one_of({"future", "2020-01-01", "9999-12-31 23:59:59.999999"});
    const std::string range =
        random() % 2 == 0 ? start + " ... " + end : start + " + " + duration();
    std::string text = one_of({start, range, range + " / " + period()});
    if (random() % 2 == 0) {
      text = "repeat " + range + one_of({" / " + period(), " cron 0,30 * 8-17 * 1-5 *"});
      if (random() % 2 == 0) text += " { now + " + duration() + one_of({"", " / 1s"}) + " }";
    }
    const When when = When::parse(text);
    const std::string canonical = to_string(when);
    CAPTURE(text);
    REQUIRE(When::parse(canonical) == when);
    REQUIRE(to_string(When::parse(canonical)) == canonical);
  }
}
