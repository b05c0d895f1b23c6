// What plan tells.

#include "plan.hpp"

#include "mplane/model/registry.hpp"

#include <sstream>
#include <string>

#include <catch2/catch.hpp>

using namespace mplane;

namespace {

const Instant kNow = Time::parse("2015-06-01 12:00:00").instant();

Specification ping(const std::string& when, const std::string& verb = "measure") {
  return Capability::of(verb, "ping")
      .when(verb == "query" ? "past ... future" : "now ... future / 1s")
      .parameter("destination.ip4", "192.0.2.1")
      .result("delay.twoway.icmp.us.min")
      .build(Registry::core())
      .specify(when)
      .build(kNow);
}

std::string rows_of(const Outlook& outlook) {
  std::ostringstream out;
  write_outlook(outlook, *make_row_output(Format::Csv, out, {}));
  return out.str();
}

}  // namespace

TEST_CASE("a plan has the next runs, and says how many there will be", "[mpcli][plan]") {
  const auto spec = ping("repeat now + 7d / 1h { now + 5s / 1s }");
  const Outlook outlook = outlook_of(spec, kNow, 2);
  CHECK(outlook.count == 7 * 24 + 1);
  CHECK(rows_of(outlook) ==
        "start,end,in-the-way\n"
        "2015-06-01 12:00:00.000000,2015-06-01 12:00:05.000000,\n"
        "2015-06-01 13:00:00.000000,2015-06-01 13:00:05.000000,\n");
  CHECK_THAT(heading_of(outlook, spec, "there"),
             Catch::StartsWith("ping at there\n") &&
                 Catch::Contains("169 runs, of which these are the next 2"));
}

TEST_CASE("a plan without end says so", "[mpcli][plan]") {
  const auto spec = ping("repeat now ... future / 1m { now + 1s / 1s }");
  const Outlook outlook = outlook_of(spec, kNow, 3);
  CHECK_FALSE(outlook.count);
  CHECK(outlook.runs.size() == 3);
  CHECK_THAT(heading_of(outlook, spec, "there"), Catch::Contains("runs without end"));
}

TEST_CASE("a single run starts when it is due, or at once", "[mpcli][plan]") {
  CHECK(rows_of(outlook_of(ping("now + 5s / 1s"), kNow, 10)) ==
        "start,end,in-the-way\n2015-06-01 12:00:00.000000,2015-06-01 12:00:05.000000,\n");
  CHECK(rows_of(outlook_of(ping("2015-06-02 + 1m / 1s"), kNow, 10)) ==
        "start,end,in-the-way\n2015-06-02 00:00:00.000000,2015-06-02 00:01:00.000000,\n");
  CHECK(rows_of(outlook_of(ping("past ... now", "query"), kNow, 10)) ==
        "start,end,in-the-way\n2015-06-01 12:00:00.000000,,\n");
}

TEST_CASE("what a component says of the runs counts, if it does", "[mpcli][plan]") {
  Outlook outlook = outlook_of(ping("repeat now + 2h / 1h { now + 5s / 1s }"), kNow, 2);
  outlook.heed({});
  CHECK_THAT(outlook.remark(), Catch::Contains("does not tell"));
  std::vector<ForeseenStart> foreseen{{kNow + std::chrono::seconds(1)},
                                      {kNow + std::chrono::seconds(3601)}};
  outlook.heed(foreseen);
  CHECK(outlook.remark() == "nothing would be in its way");
  foreseen[1].in_its_way = "pong, for one";
  outlook.heed(foreseen);
  CHECK(outlook.remark() == "1 start would find something in the way");
  CHECK(rows_of(outlook) ==
        "start,end,in-the-way\n"
        "2015-06-01 12:00:01.000000,2015-06-01 12:00:06.000000,\n"
        "2015-06-01 13:00:01.000000,2015-06-01 13:00:06.000000,\"pong, for one\"\n");
}
