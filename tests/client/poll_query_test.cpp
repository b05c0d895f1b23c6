#include "poll_query.hpp"

#include <chrono>
#include <string>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;
using detail::read_poll_query;

namespace {
const Instant kNow = Time::parse("2026-11-22 09:00:00").instant();

std::string micros(const Instant time) { return std::to_string(time.time_since_epoch().count()); }
}  // namespace

TEST_CASE("a poll tells the component's version, clock and load", "[client][poll]") {
  const ComponentSelf self =
      read_poll_query("version=0.1.0&time=" + micros(kNow + 1500ms) + "&load=0.52", kNow);
  CHECK(self.version == "0.1.0");
  CHECK(self.clock_offset == Duration(1500ms));
  CHECK(self.load == 0.52);
  CHECK(read_poll_query("time=" + micros(kNow - 2s), kNow).clock_offset == Duration(-2s));
}

TEST_CASE("what a poll's query says wrongly counts for nothing", "[client][poll]") {
  const std::string query = GENERATE(
      std::string(), std::string("&&&="), std::string("version"), std::string("version=\x1b[2J"),
      std::string("version=<b>"), "version=" + std::string(33, '1'), std::string("time=-1"),
      std::string("time=99999999999999999999"), std::string("time=253402300800000000"),
      std::string("time=1e3"), std::string("load=nan"), std::string("load=inf"),
      std::string("load=-1"), std::string("load=1x"), std::string("other=1"));
  const ComponentSelf self = read_poll_query(query, kNow);
  CHECK(self.version.empty());
  CHECK_FALSE(self.clock_offset);
  CHECK_FALSE(self.load);
}
