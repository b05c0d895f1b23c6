#include "default_scope.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;

TEST_CASE("a scope is chosen by what is offered", "[mpcli][scope]") {
  struct Case {
    std::string offered;
    std::string chosen;
  };
  const std::vector<Case> cases{
      {"now ... future", "now"},
      {"now ... future / 1s", "now + 5s / 1s"},
      {"now ... future / 1m", "now + 5m / 1m"},
      {"now", "now"},
      {"past ... future", "past ... now"},
      {"past ... now", "past ... now"},
      {"past ... now / 1s", "past ... now / 1s"},
      {"2015-01-01 ... 2015-02-01", "2015-01-01 00:00:00.000000 ... 2015-02-01 00:00:00.000000"},
      {"2015-01-01 ... future", "2015-01-01 00:00:00.000000 ... now"},
      {"repeat now ... future / 1h { now + 10s / 2s }", "now + 10s / 2s"},
  };
  const Instant now = Time::parse("2015-06-01 12:00:00").instant();
  for (const auto& [offered, chosen] : cases) {
    CAPTURE(offered);
    const auto capability =
        Capability::measure("x").when(offered).result("time").build(Registry::core());
    const When scope = default_scope(capability, now);
    CHECK(to_string(scope) == chosen);
    CHECK(scope.follows(capability.when(), now));
  }
}
