#include "mplane/model/time.hpp"

#include "error_of.hpp"

#include <random>
#include <string>
#include <string_view>
#include <utility>

using mplane::Duration;
using mplane::ErrorKind;
using mplane::Instant;
using mplane::Precision;
using mplane::Time;

namespace {

constexpr Instant instant(const std::int64_t microseconds) {
  return Instant(Duration(microseconds));
}

}  // namespace

TEST_CASE("a time is read from the day on, as far as it goes", "[time]") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"1970-01-01", "1970-01-01 00:00:00.000000"},
      {"2013-07-30 23:19", "2013-07-30 23:19:00.000000"},
      {"2013-07-30 23:19:42", "2013-07-30 23:19:42.000000"},
      {"2013-07-30 23:19:42.1", "2013-07-30 23:19:42.100000"},
      {"2013-07-30 23:19:42.123456", "2013-07-30 23:19:42.123456"},
      {"2013-07-30 23:19:42.000001", "2013-07-30 23:19:42.000001"},
      {"2013-07-30 23:19:42.1234567", "2013-07-30 23:19:42.123456"},
      {"2013-07-30 23:19:42.123456999", "2013-07-30 23:19:42.123456"},
      {"1969-12-31 23:59:59", "1969-12-31 23:59:59.000000"},
      {"1969-12-31 23:59:59.5", "1969-12-31 23:59:59.500000"},
      {"0001-01-01", "0001-01-01 00:00:00.000000"},
      {"0999-06-01", "0999-06-01 00:00:00.000000"},
      {"9999-12-31 23:59:59.999999999", "9999-12-31 23:59:59.999999"},
      {"2012-02-29", "2012-02-29 00:00:00.000000"},
      {"2000-02-29", "2000-02-29 00:00:00.000000"},
      {"past", "past"},
      {"now", "now"},
      {"future", "future"},
  };
  for (const auto& [text, canonical] : cases) {
    CAPTURE(text);
    CHECK(to_string(Time::parse(text)) == canonical);
    CHECK(Time::parse(canonical) == Time::parse(text));
  }
}

TEST_CASE("a time is counted in microseconds since 1970", "[time]") {
  CHECK(Time::parse("1970-01-01") == Time(instant(0)));
  CHECK(Time::parse("1969-12-31 23:59:59.999999") == Time(instant(-1)));
  CHECK(Time::parse("2015-06-01 12:00:00.25") == Time(instant(1'433'160'000'250'000)));
  CHECK(Time::parse("0001-01-01") == Time(instant(-62'135'596'800'000'000)));
  CHECK(Time::parse("9999-12-31 23:59:59.999999") == Time(instant(253'402'300'799'999'999)));
}

namespace {

const std::pair<std::string_view, std::string_view> kFaults[] = {
    {"",
     R"("" is not a time: a time is past, now, future or YYYY-MM-DD HH:MM:SS.ffffff, at the end of the text)"},
    {" ", "YYYY-MM-DD"},
    {"*", "YYYY-MM-DD"},
    {"tomorrow", "YYYY-MM-DD"},
    {"Now", "YYYY-MM-DD"},
    {"now ", "the text should have ended, at character 4"},
    {"nowhere", "the text should have ended, at character 4"},
    {"2013", "YYYY-MM-DD"},
    {"2013-07", "YYYY-MM-DD"},
    {"2013-7-30", "YYYY-MM-DD"},
    {"13-07-30", "YYYY-MM-DD"},
    {"2013/07/30", "YYYY-MM-DD"},
    {"20130730", "YYYY-MM-DD"},
    {"1375226382", "YYYY-MM-DD"},
    {"-2013-07-30", "YYYY-MM-DD"},
    {"10000-01-01", "YYYY-MM-DD"},
    {"٢٠١٣-07-30", "YYYY-MM-DD"},
    {"0000-01-01", "there is no such day, at character 1"},
    {"2013-00-01", "there is no such day"},
    {"2013-13-01", "there is no such day"},
    {"2013-02-29", "there is no such day"},
    {"1900-02-29", "there is no such day"},
    {"2013-07-00", "there is no such day"},
    {"2013-07-32", "there is no such day"},
    {"2013-07-30 23", "a time of day is 00:00 to 23:59, at character 12"},
    {"2013-07-30 24:00", "a time of day is 00:00 to 23:59"},
    {"2013-07-30 23:60", "a time of day is 00:00 to 23:59"},
    {"2013-07-30 3:19", "a time of day is 00:00 to 23:59"},
    {"2013-07-30 23.19", "a time of day is 00:00 to 23:59"},
    {"2013-07-30 23:19:60", "seconds are 00 to 59, at character 17"},
    {"2013-07-30 23:19:", "seconds are 00 to 59"},
    {"2013-07-30 23:19:4", "seconds are 00 to 59"},
    {"2013-07-30 23:19:42.", "a fraction of a second has one to nine digits"},
    {"2013-07-30 23:19:42.1234567890", "a fraction of a second has one to nine digits"},
    {"2013-07-30 23:19:42,5", "the text should have ended, at character 20"},
    {"2013-07-30 23:19.5", "the text should have ended, at character 17"},
    {"2013-07-30.5", "the text should have ended, at character 11"},
    {"2013-07-30  23:19", "the text should have ended, at character 11"},
    {"2013-07-30T23:19:42", "the text should have ended, at character 11"},
    {"2013-07-30 23:19:42Z", "the text should have ended, at character 20"},
    {"2013-07-30 23:19:42+02:00", "the text should have ended, at character 20"},
    {"2013-07-30 ", "the text should have ended, at character 11"},
};

}  // namespace

TEST_CASE("what is no time is refused with the place", "[time]") {
  for (const auto& [text, reason] : kFaults) {
    CAPTURE(text);
    const auto error = error_of([&text = text] { Time::parse(text); });
    CHECK(error.kind() == ErrorKind::Malformed);
    CHECK_THAT(error.message(), Catch::Contains(std::string(reason)));
  }
}

TEST_CASE("the text of a time is cut to a precision, never rounded", "[time]") {
  const Time time = Time::parse("2013-12-31 23:59:59.999999");
  CHECK(to_string(time, Precision::Microseconds) == "2013-12-31 23:59:59.999999");
  CHECK(to_string(time, Precision::Seconds) == "2013-12-31 23:59:59");
  CHECK(to_string(time, Precision::Minutes) == "2013-12-31 23:59");
  CHECK(to_string(time, Precision::Days) == "2013-12-31");
  CHECK(to_string(instant(-1), Precision::Seconds) == "1969-12-31 23:59:59");
  CHECK(to_string(Time::future(), Precision::Days) == "future");
}

TEST_CASE("instants are ordered, past before and future after all of them", "[time]") {
  const Time early = instant(-5);
  const Time late = instant(5);
  CHECK(Time::past() < early);
  CHECK(early < late);
  CHECK(late < Time::future());
  CHECK(Time::past() < Time::future());
  CHECK(Time::past() < Time::parse("0001-01-01"));
  CHECK(Time::parse("9999-12-31 23:59:59.999999") < Time::future());
}

TEST_CASE("now becomes an instant when one is given; other times stay", "[time]") {
  const Instant now = instant(42);
  CHECK(Time::now().at(now) == Time(now));
  CHECK(Time::past().at(now) == Time::past());
  CHECK(Time::future().at(now) == Time::future());
  CHECK(Time(instant(7)).at(now) == Time(instant(7)));
  CHECK_FALSE(Time::now().is_definite());
  CHECK(Time::now().at(now).is_definite());
}

TEST_CASE("an instant outside the years that have a text is shown as the nearest inside",
          "[time]") {
  CHECK(to_string(Time(instant(253'402'300'800'000'000))) == "9999-12-31 23:59:59.999999");
  CHECK(to_string(Time(instant(-62'135'596'800'000'001))) == "0001-01-01 00:00:00.000000");
}

TEST_CASE("the text of any instant reads back to it", "[time]") {
  std::mt19937_64 random(1);
  std::uniform_int_distribution<std::int64_t> any(-62'135'596'800'000'000, 253'402'300'799'999'999);
  for (int i = 0; i < 20'000; ++i) {
    const Time time = instant(any(random));
    std::string text;
    append(text, time);
    REQUIRE(text == to_string(time));
    REQUIRE(text.size() == 26);
    REQUIRE(Time::parse(text) == time);
  }
}
