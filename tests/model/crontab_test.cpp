#include "mplane/model/crontab.hpp"

#include "error_of.hpp"

#include <chrono>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using mplane::Crontab;
using mplane::Duration;
using mplane::ErrorKind;
using mplane::Instant;
using mplane::Time;

namespace {

Instant instant(const std::string_view text) { return Time::parse(text).instant(); }

std::string next_text(const std::string_view crontab, const std::string_view from) {
  const auto next = Crontab::parse(crontab).next(instant(from));
  return next ? to_string(Time(*next), mplane::Precision::Seconds) : "never";
}

}  // namespace

TEST_CASE("a crontab is written as sorted lists", "[crontab]") {
  const std::string days =
      "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31";
  const std::string months = "1,2,3,4,5,6,7,8,9,10,11,12";
  const std::pair<std::string, std::string> cases[] = {
      {"0 0 0 * * *", "0 0 0 " + days + " 0,1,2,3,4,5,6 " + months},
      {"0 0 * 1 1 1", "0 0 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23 1 1 1"},
      {"59 59 23 31 7 12", "59 59 23 31 7 12"},
      {"0 0 0 1 0,7 1", "0 0 0 1 0,7 1"},
      {"0 0 0 1 0-7 1", "0 0 0 1 0,1,2,3,4,5,6,7 1"},
      {"30,0,15,30 8-8 00 1 1 1", "0,15,30 8 0 1 1 1"},
      {"5-7 0 0 1 1-5 1", "5,6,7 0 0 1 1,2,3,4,5 1"},
  };
  for (const auto& [text, canonical] : cases) {
    CAPTURE(text);
    const Crontab crontab = Crontab::parse(text);
    CHECK(to_string(crontab) == canonical);
    CHECK(Crontab::parse(canonical) == crontab);
  }
  CHECK(Crontab::parse("0 0 0 1 0 1") != Crontab::parse("0 0 0 1 7 1"));
}

TEST_CASE("what is no crontab is refused with the place", "[crontab]") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "a second is 0 to 59, at the end of the text"},
      {"0 0 0 * *", "six fields stand apart by one blank each, at the end of the text"},
      {"0 0 0 * * * *", "the text should have ended, at character 12"},
      {"0  0 0 * * *", "a minute is 0 to 59, at character 3"},
      {" 0 0 0 * * *", "a second is 0 to 59, at character 1"},
      {"0 0 0 * * * ", "the text should have ended"},
      {"0\t0 0 * * *", "six fields stand apart by one blank each"},
      {"60 0 0 * * *", "a second is 0 to 59, at character 1"},
      {"0 60 0 * * *", "a minute is 0 to 59"},
      {"0 0 24 * * *", "an hour is 0 to 23"},
      {"0 0 0 0 * *", "a day of the month is 1 to 31"},
      {"0 0 0 32 * *", "a day of the month is 1 to 31"},
      {"0 0 0 * 8 *", "a day of the week is 0 to 7"},
      {"0 0 0 * mo *", "a day of the week is 0 to 7"},
      {"0 0 0 * * 0", "a month is 1 to 12"},
      {"0 0 0 * * 13", "a month is 1 to 12, at character 11"},
      {"-1 0 0 * * *", "a second is 0 to 59"},
      {"1, 0 0 * * *", "a second is 0 to 59, at character 3"},
      {",1 0 0 * * *", "a second is 0 to 59"},
      {"5-3 0 0 * * *", "a range goes from low to high"},
      {"1-2-3 0 0 * * *", "six fields stand apart by one blank each"},
      {"1-2,5 0 0 * * *", "a range stands alone, not in a list"},
      {"1,2-5 0 0 * * *", "a range stands alone, not in a list"},
      {"*/5 0 0 * * *", "six fields stand apart by one blank each, at character 2"},
      {"*,1 0 0 * * *", "six fields stand apart by one blank each"},
      {"1.5 0 0 * * *", "six fields stand apart by one blank each"},
      {"99999999999999999999 0 0 * * *", "a second is 0 to 59"},
  };
  for (const auto& [text, reason] : cases) {
    CAPTURE(text);
    const auto error = error_of([&text = text] { Crontab::parse(text); });
    CHECK(error.kind() == ErrorKind::Malformed);
    CHECK_THAT(error.message(), Catch::Contains(std::string(reason)));
  }
}

TEST_CASE("the next time a crontab fires is the first at which all six fields match", "[crontab]") {
  struct Case {
    std::string_view crontab, from, next;
  };
  const Case cases[] = {
      {"* * * * * *", "2015-06-01 12:00:00", "2015-06-01 12:00:00"},
      {"* * * * * *", "2015-06-01 12:00:00.000001", "2015-06-01 12:00:01"},
      {"0 * * * * *", "2015-06-01 12:00:07", "2015-06-01 12:01:00"},
      {"0,30 * * * * *", "2015-06-01 12:00:07", "2015-06-01 12:00:30"},
      {"0 0 * * * *", "2015-06-01 12:00:00.25", "2015-06-01 13:00:00"},
      {"0 0,30 8-17 * * *", "2015-06-01 17:30:01", "2015-06-02 08:00:00"},
      {"15 0 12 * * *", "2015-06-01 12:00:15", "2015-06-01 12:00:15"},
      {"15 0 12 * * *", "2015-06-01 12:00:16", "2015-06-02 12:00:15"},
      {"59 59 23 * * *", "2015-12-31 23:59:59.5", "2016-01-01 23:59:59"},
      {"0 0 0 * * *", "2015-12-31 23:59:59.5", "2016-01-01 00:00:00"},
      {"0 0 0 13 * *", "2015-06-01 12:00", "2015-06-13 00:00:00"},
      {"0 0 0 31 * *", "2015-06-01 12:00", "2015-07-31 00:00:00"},
      {"0 0 12 * 1 *", "2015-06-01 12:00:01", "2015-06-08 12:00:00"},  // Mondays
      {"0 0 12 * 0 *", "2015-06-01 12:00", "2015-06-07 12:00:00"},
      {"0 0 12 * 7 *", "2015-06-01 12:00", "2015-06-07 12:00:00"},
      {"0 0 12 * 0,7 *", "2015-06-01 12:00", "2015-06-07 12:00:00"},
      {"0 0 12 * 6,7 *", "2015-06-01 12:00", "2015-06-06 12:00:00"},
      {"0 0 0 13 5 *", "2015-06-01", "2015-11-13 00:00:00"},  // a Friday the 13th: both must match
      {"0 0 0 1 * 1", "2015-06-01", "2016-01-01 00:00:00"},
      {"0 0 0 29 * 2", "2015-06-01", "2016-02-29 00:00:00"},
      {"0 0 0 29 * 2", "2096-03-01", "2104-02-29 00:00:00"},  // 2100 is no leap year
      {"0 0 0 29 1 2", "2015-06-01", "2016-02-29 00:00:00"},  // that one is a Monday
      {"0 0 0 29 1 2", "2016-03-01", "2044-02-29 00:00:00"},
      {"0 0 0 29 1 2", "2072-03-01", "2112-02-29 00:00:00"},  // forty years, across 2100
      {"0 0 0 31 * 2", "2015-06-01", "never"},
      {"0 0 0 30 * 2", "2015-06-01", "never"},
      {"0 0 0 31 * 4,6,9,11", "2015-06-01", "never"},
      {"0 0 0 31 * 4,6,9,12", "2015-06-01", "2015-12-31 00:00:00"},
      {"0 0 0 1 * *", "0001-01-01", "0001-01-01 00:00:00"},
      {"59 59 23 31 * 12", "9999-12-31 23:59:59", "9999-12-31 23:59:59"},
      {"59 59 23 31 * 12", "9999-12-31 23:59:59.000001", "never"},
      {"* * * * * *", "9999-12-31 23:59:59.999999", "never"},
      {"0 0 0 29 * 2", "9996-03-01", "never"},
  };
  for (const auto& [crontab, from, next] : cases) {
    CAPTURE(crontab, from);
    CHECK(next_text(crontab, from) == next);
  }
}

TEST_CASE("instants outside the years of our era are answered, too", "[crontab]") {
  const Crontab every_second = Crontab::parse("* * * * * *");
  CHECK_FALSE(every_second.next(Instant::max()));
  CHECK(every_second.next(Instant::min()) == instant("0001-01-01"));
  CHECK_FALSE(every_second.matches(Instant::max()));
  CHECK_FALSE(every_second.matches(Instant::min()));
}

TEST_CASE("a crontab matches whole seconds", "[crontab]") {
  const Crontab crontab = Crontab::parse("0 30 12 * 1 6");
  CHECK(crontab.matches(instant("2015-06-01 12:30")));
  CHECK_FALSE(crontab.matches(instant("2015-06-01 12:30:00.000001")));
  CHECK_FALSE(crontab.matches(instant("2015-06-01 12:30:01")));
  CHECK_FALSE(crontab.matches(instant("2015-06-02 12:30")));
  CHECK_FALSE(crontab.matches(instant("2015-07-06 12:30")));
}

TEST_CASE("the rarest of days is found in microseconds", "[crontab]") {
  const Crontab rare = Crontab::parse("0 0 0 29 1 2");
  const Crontab impossible = Crontab::parse("0 0 0 31 * 2,4,6,9,11");
  const auto start = std::chrono::steady_clock::now();
  Instant at = instant("0001-01-01");
  int found = 0;
  while (const auto next = rare.next(at)) {
    at = *next + Duration(1);
    ++found;
  }
  for (int i = 0; i < 1'000; ++i) found += impossible.next(at) ? 1 : 0;
  const auto spent = std::chrono::steady_clock::now() - start;
  CHECK(found == 375);  // 15 in each 400 years
  CHECK(spent < std::chrono::seconds(1));
}

TEST_CASE("the next time agrees with counting seconds", "[crontab]") {
  std::mt19937 random(8);
  const auto field = [&random](const unsigned low, const unsigned high) {
    const auto number = [&] { return std::to_string(low + random() % (high - low + 1)); };
    if (random() % 2 == 0) return std::string("*");
    return number() + "," + number() + "," + number();
  };
  for (int i = 0; i < 200; ++i) {
    const std::string text = field(0, 59) + " " + field(0, 59) + " " + field(0, 23) + " * * *";
    const Crontab crontab = Crontab::parse(text);
    const Instant from = instant("2015-12-31 23:00") + std::chrono::seconds(random() % 100'000);
    Instant counted = from;
    while (!crontab.matches(counted)) counted += std::chrono::seconds(1);
    CAPTURE(text, to_string(Time(from)));
    REQUIRE(crontab.next(from) == counted);
  }
}

TEST_CASE("the next day agrees with counting days", "[crontab]") {
  std::mt19937 random(9);
  const auto field = [&random](const unsigned low, const unsigned high) {
    const auto number = [&] { return std::to_string(low + random() % (high - low + 1)); };
    return random() % 3 == 0 ? std::string("*") : number() + "," + number();
  };
  for (int i = 0; i < 500; ++i) {
    const std::string text = "0 0 0 " + field(1, 28) + " " + field(0, 7) + " " + field(1, 12);
    const Crontab crontab = Crontab::parse(text);
    const Instant from = instant("1999-01-01") + std::chrono::hours(24) * (random() % 10'000);
    Instant counted = from;
    while (!crontab.matches(counted)) counted += std::chrono::hours(24);
    CAPTURE(text, to_string(Time(from)));
    REQUIRE(crontab.next(from) == counted);
  }
}

TEST_CASE("the list that the Python SDK writes for any hour is read as any hour", "[crontab]") {
  const auto up_to = [](const int last) {
    std::string list = "0";
    for (int hour = 1; hour <= last; ++hour) list += "," + std::to_string(hour);
    return "0 0 " + list + " * * *";
  };
  CHECK(Crontab::parse(up_to(59)) == Crontab::parse("0 0 * * * *"));
  CHECK(Crontab::parse(up_to(23)) == Crontab::parse("0 0 * * * *"));
  for (const int last : {24, 58, 60}) {
    CHECK_THAT(error_of([&] { Crontab::parse(up_to(last)); }).message(),
               Catch::Contains("an hour is 0 to 23"));
  }
}
