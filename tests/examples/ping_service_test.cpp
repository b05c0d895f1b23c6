// A service is tested without component, client or network protocol.

#include "ping_service.hpp"

#include <catch2/catch.hpp>

using mplane::Ip4;
using mplane::Registry;
using mplane::Result;

TEST_CASE("the minimum is reported in microseconds", "[examples]") {
  const auto spec = example::ping_capability(Registry::core())
                        .specify("now + 2s / 1s")
                        .set("destination.ip4", Ip4::parse("127.0.0.1"))
                        .build();
  const Result result = example::run_ping(spec, std::stop_token{});
  REQUIRE(result.row_count() == 1);
  CHECK(result.rows()[0].get<std::uint64_t>("delay.twoway.icmp.us.min") < 100'000);
  CHECK(result.rows()[0].get<std::uint64_t>("delay.twoway.icmp.count") == 2);
}

TEST_CASE("a ping that is stopped gives what it has", "[examples]") {
  const auto spec = example::ping_capability(Registry::core())
                        .specify("now + 1h / 1s")
                        .set("destination.ip4", "127.0.0.1")
                        .build();
  std::stop_source stop;
  stop.request_stop();
  const Result result = example::run_ping(spec, stop.get_token());
  CHECK(result.rows()[0].get<std::uint64_t>("delay.twoway.icmp.count") == 0);
  CHECK_FALSE(result.rows()[0].has_value("delay.twoway.icmp.us.min"));
}
