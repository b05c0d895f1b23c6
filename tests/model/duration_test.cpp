#include "mplane/model/duration.hpp"

#include "error_of.hpp"

#include <random>
#include <string>
#include <string_view>
#include <utility>

using mplane::append;
using mplane::Duration;
using mplane::ErrorKind;
using mplane::kWithoutEnd;
using mplane::parse_duration;
using mplane::to_string;
using namespace std::chrono_literals;

TEST_CASE("a duration is the sum of its parts", "[duration]") {
  struct Case {
    std::string_view text;
    Duration meaning;
    std::string_view canonical;
  };
  const Case cases[] = {
      {"0s", 0s, "0s"},
      {"0d0h0m0s", 0s, "0s"},
      {"1s", 1s, "1s"},
      {"59s", 59s, "59s"},
      {"60s", 1min, "1m"},
      {"61s", 61s, "1m1s"},
      {"90s", 90s, "1m30s"},
      {"007m", 7min, "7m"},
      {"3600s", 1h, "1h"},
      {"86399s", 86399s, "23h59m59s"},
      {"86400s", 24h, "1d"},
      {"1d1s", 86401s, "1d1s"},
      {"90061s", 90061s, "1d1h1m1s"},
      {"3d12h", 84h, "3d12h"},
      {"25h61m61s", 93'721s, "1d2h2m1s"},
      {"106751991d", 106751991 * 24h, "106751991d"},
      {"9223372036854s", 9223372036854s, "106751991d4h54s"},
      {"inf", kWithoutEnd, "inf"},
  };
  for (const auto& [text, meaning, canonical] : cases) {
    CAPTURE(text);
    CHECK(parse_duration(text) == meaning);
    CHECK(to_string(meaning) == canonical);
    CHECK(parse_duration(canonical) == meaning);
  }
}

TEST_CASE("what is no duration is refused with the place", "[duration]") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", R"("" is not a duration: a duration is like 1d2h3m4s, or inf, at the end of the text)"},
      {"s", "a duration is like 1d2h3m4s, or inf, at character 1"},
      {" 1s", "a duration is like 1d2h3m4s"},
      {"-1s", "a duration is like 1d2h3m4s"},
      {"+1s", "a duration is like 1d2h3m4s"},
      {"١s", "a duration is like 1d2h3m4s"},
      {"Inf", "a duration is like 1d2h3m4s"},
      {"infinite", "the text should have ended, at character 4"},
      {"30", "a number is followed by d, h, m or s, in this order, at the end of the text"},
      {"1.5s", "a number is followed by d, h, m or s, in this order, at character 2"},
      {"5x", "a number is followed by d, h, m or s"},
      {"1D", "a number is followed by d, h, m or s"},
      {"1s1m", "a number is followed by d, h, m or s, in this order, at character 4"},
      {"1s1s", "a number is followed by d, h, m or s, in this order"},
      {"1d 2h", "the text should have ended, at character 3"},
      {"1s ", "the text should have ended, at character 3"},
      {"106751992d", "a duration is at most 106751991 days"},
      {"9223372036855s", "a duration is at most 106751991 days"},
      {"106751991d4h55s", "a duration is at most 106751991 days, at character 13"},
      {"99999999999999999999999999s", "a duration is at most 106751991 days"},
  };
  for (const auto& [text, reason] : cases) {
    CAPTURE(text);
    const auto error = error_of([&text = text] { parse_duration(text); });
    CHECK(error.kind() == ErrorKind::Malformed);
    CHECK_THAT(error.message(), Catch::Contains(std::string(reason)));
  }
}

TEST_CASE("what the grammar cannot say is cut off", "[duration]") {
  CHECK(to_string(Duration(400ms)) == "0s");
  CHECK(to_string(Duration(1999ms)) == "1s");
  CHECK(to_string(Duration(-5s)) == "0s");
  CHECK(to_string(Duration::min()) == "0s");
}

TEST_CASE("the text of any duration in whole seconds reads back to it", "[duration]") {
  std::mt19937_64 random(2);
  for (int i = 0; i < 20'000; ++i) {
    const auto most = std::int64_t{1} << std::uniform_int_distribution<int>(1, 42)(random);
    const Duration duration =
        std::chrono::seconds(std::uniform_int_distribution<std::int64_t>(0, most)(random));
    std::string text;
    append(text, duration);
    REQUIRE(text == to_string(duration));
    REQUIRE(parse_duration(text) == duration);
  }
}
