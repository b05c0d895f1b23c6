#include "mplane/model/setting_duration.hpp"

#include "mplane/model/duration.hpp"

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;

TEST_CASE("a setting's duration may be smaller than a second", "[duration]") {
  struct Row {
    const char* text;
    Duration duration;
    const char* written;
  };
  const Row rows[] = {
      {"5s", 5s, "5s"},
      {"90s", 90s, "1m30s"},
      {"1h30m", 90min, "1h30m"},
      {"2d", 48h, "2d"},
      {"0s", 0s, "0s"},
      {"250ms", 250ms, "250ms"},
      {"1500ms", 1500ms, "1500ms"},
      {"100us", 100us, "100us"},
      {"2000us", 2ms, "2ms"},
      {"inf", kWithoutEnd, "inf"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(parse_setting_duration(row.text) == row.duration);
    CHECK(setting_text(row.duration) == row.written);
    CHECK(parse_setting_duration(row.written) == row.duration);
  }
}

TEST_CASE("what is no duration is refused by name", "[duration]") {
  for (const char* const text : {"", "5", "s", "-5s", "5 minutes", "1.5s", "ms", "-1ms", "1e3ms",
                                 "99999999999999999999ms", "9223372036854775807us"}) {
    CAPTURE(text);
    CHECK_THROWS_WITH(parse_setting_duration(text),
                      Catch::Contains("is no duration, such as 5s, 1h30m or 250ms"));
  }
}
