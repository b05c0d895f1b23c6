#include "mpsup/export.hpp"

#include "mplane/model/json.hpp"
#include "mplane/model/result.hpp"
#include "mplane/scheduler/clock.hpp"
#include "support/scratch.hpp"

#include <algorithm>
#include <future>
#include <optional>
#include <sstream>
#include <string>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;

namespace {

const Instant kNoon = Time::parse("2026-11-22 12:00:00").instant();

/// What was kept: two results of a ping, an exception, and one with an element that nobody knows.
struct Store {
  Store() {
    const Capability ping = Capability::measure("ping")
                                .when("now ... future")
                                .parameter("destination.ip4")
                                .result("delay.twoway.icmp.us.min")
                                .build(Registry::core());
    const auto result = [&](const Value& value) {
      return encode(Result(ping.specify("now").set("destination.ip4", "192.0.2.1").build())
                        .measured(kNoon, kNoon)
                        .row({{"delay.twoway.icmp.us.min", value}}));
    };
    const SystemClock clock;
    ResultStore store({.folder = folder.path()}, clock);
    keep(store, {"a, \"first\"", "ping", "1", kNoon, kNoon, result(7)});
    keep(store, {"b", "ping", "2", kNoon, kNoon, result(Value())});
    keep(store, {"b", "ping", "3", kNoon, kNoon, R"({"exception":"3","message":"no route"})"});
    std::string unknown = result(9);
    for (auto at = unknown.find("us.min"); at != unknown.npos; at = unknown.find("us.min")) {
      unknown.replace(at, 6, "parsec");
    }
    keep(store, {"c", "ping", "4", kNoon, kNoon, unknown});
    const Capability time =
        Capability::measure("time").when("now ... future").result("time").build(Registry::core());
    keep(store,
         {"d", "time", "5", kNoon, kNoon,
          encode(
              Result(time.specify("now").build()).measured(kNoon, kNoon).row({{"time", kNoon}}))});
  }
  static void keep(ResultStore& store, const KeptResult& result) {
    std::promise<void> kept;
    store.keep(result, [&](const std::optional<Error>&) { kept.set_value(); });
    kept.get_future().get();
  }
  std::string exported(const ExportOptions& options, const std::size_t left_out) const {
    ResultReader reader(folder.path());
    std::ostringstream out;
    CHECK(export_results(reader, options, Registry::core(), out) == left_out);
    return out.str();
  }

  ScratchFolder folder;
};

}  // namespace

TEST_CASE("results are exported as CSV with one header", "[mpsup][export]") {
  const Store store;
  CHECK(store.exported({.format = ExportFormat::Csv, .selection = {.label = "ping"}}, 1) ==
        "component,label,begin,end,destination.ip4,delay.twoway.icmp.us.min\n"
        "\"a, \"\"first\"\"\",ping,2026-11-22 12:00:00.000000,2026-11-22 12:00:00.000000,192.0.2.1,"
        "7\n"
        "b,ping,2026-11-22 12:00:00.000000,2026-11-22 12:00:00.000000,192.0.2.1,\n");
}

TEST_CASE("results of several kinds are no CSV", "[mpsup][export]") {
  const Store store;
  ResultReader reader(store.folder.path());
  std::ostringstream out;
  try {
    export_results(reader, {.format = ExportFormat::Csv}, Registry::core(), out);
    FAIL("they were written");
  } catch (const Error& error) {
    CHECK(error.message().find("--label") != std::string::npos);
  }
}

TEST_CASE("results are exported as an object a line", "[mpsup][export]") {
  const Store store;
  const std::string lines = store.exported({}, 1);
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 3);
  CHECK(lines.find(R"("component":"b")") != std::string::npos);
  CHECK(lines.find(R"("rows":[{"delay.twoway.icmp.us.min":7}])") != std::string::npos);
  CHECK(lines.find(R"("rows":[{"delay.twoway.icmp.us.min":null}])") != std::string::npos);
  CHECK(lines.find("no route") == std::string::npos);
  CHECK(store.exported({.selection = {.component = "d"}}, 0).find("\"time\"") != std::string::npos);
}
