// What a question on the command line means.

#include "specify.hpp"

#include "mplane/model/registry.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;

namespace {

Capability ping(const std::string& when = "now ... future / 1s") {
  return Capability::measure("ping")
      .when(when)
      .parameter("destination.ip4")
      .result("delay.twoway.icmp.us.min")
      .build(Registry::core());
}

const Instant kNow = Time::parse("2015-06-01 12:00:00").instant();

}  // namespace

TEST_CASE("shorthands say what a scope says", "[mpcli][specify]") {
  struct Case {
    std::string when, repeat, length, scope;
  };
  const std::vector<Case> cases{
      {"", "", "", "now + 5s / 1s"},
      {"", "1h", "7d", "repeat now + 7d / 1h { now + 5s / 1s }"},
      {"", "1h", "", "repeat now ... future / 1h { now + 5s / 1s }"},
      {"now + 3s / 1s", "5m", "1d", "repeat now + 1d / 5m { now + 3s / 1s }"},
      {"now", "5m", "1h", "repeat now + 1h / 5m"},
      {"now", "0 30 * * * *", "2d", "repeat now + 2d cron 0 30 * * * *"},
      {"", "", "7d", "now + 7d / 1s"},
      {"now + 2s / 1s", "", "", "now + 2s / 1s"},
  };
  for (const auto& [when, repeat, length, scope] : cases) {
    CAPTURE(when, repeat, length);
    const Question question{"ping", {}, when, repeat, length, ""};
    CHECK(to_string(scope_of(question, ping(), kNow)) == to_string(When::parse(scope)));
  }
}

TEST_CASE("what shorthands cannot mean is said with the option", "[mpcli][specify]") {
  struct Case {
    std::string when, repeat, length, words;
  };
  const std::vector<Case> cases{
      {"2015-06-02 + 1m", "1h", "1d", "--repeat"},
      {"now ... 2016-01-01", "1h", "1d", "--repeat"},
      {"repeat now + 1d / 1h", "1h", "1d", "--repeat"},
      {"", "often", "", "often"},
      {"", "1h", "long", "long"},
      {"", "", "long", "--for"},
      {"now + 5s", "", "7d", "--for"},
      {"soon", "", "", "--when"},
  };
  for (const auto& [when, repeat, length, words] : cases) {
    CAPTURE(when, repeat, length);
    const Question question{"ping", {}, when, repeat, length, ""};
    CHECK_THROWS_WITH(scope_of(question, ping(), kNow), Catch::Contains(words));
  }
  const Question query{"ping", {}, "", "1h", "", ""};
  CHECK_THROWS_WITH(scope_of(query, ping("past ... now"), kNow), Catch::Contains("--repeat"));
}

TEST_CASE("metadata goes with a specification, by elements that its registry has",
          "[mpcli][specify]") {
  Question question{"ping", {"destination.ip4=192.0.2.1"}, "now + 5s / 1s", "", "", ""};
  question.metadata = {"source.ip4=192.0.2.7", "intermediate.ip4=192.0.2.8"};
  const Specification specification = specify(ping(), question);
  REQUIRE(specification.find_metadata("source.ip4") != nullptr);
  CHECK(to_string(*specification.find_metadata("source.ip4")) == "192.0.2.7");
  CHECK(to_string(*specification.find_metadata("intermediate.ip4")) == "192.0.2.8");

  struct Case {
    std::vector<std::string> metadata;
    std::string said;
  };
  const std::vector<Case> cases{
      {{"source.ip4"}, "--metadata: \"source.ip4\" has no '=': metadata are element=value"},
      {{"source.ip4=192.0.2.7", "source.ip4=192.0.2.8"}, "is given twice"},
      {{"source.ipv4=192.0.2.7"}, "\"source.ipv4\"; did you mean \"source.ip4\"?"},
      {{"source.ip4=nowhere"}, "--metadata"},
  };
  for (const auto& [metadata, said] : cases) {
    question.metadata = metadata;
    CHECK_THROWS_WITH(specify(ping(), question), Catch::Contains(said));
  }
}
