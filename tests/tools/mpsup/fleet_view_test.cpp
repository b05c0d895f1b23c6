#include "mpsup/fleet_view.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/registry.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;
using Topic = FleetQuestion::Topic;

namespace {

const Instant kNow = Time::parse("2026-11-22 09:00:00").instant();

FleetSources sources() {
  FleetSources sources;
  sources.components = [] {
    return std::vector<ComponentView>{
        {.component = "org.one",
         .is_there = true,
         .unseen = 3s,
         .offers = 1,
         .waiting = 2,
         .asked = 5,
         .self = {.version = "0.1.0", .clock_offset = Duration(-1500ms), .load = 0.5}},
        {.component = "org.two", .is_called = true, .unseen = 60s, .waiting = 1, .asked = 1}};
  };
  sources.counts = [] {
    return ComponentCounts{.registered = 1, .away = 1, .offers = 1, .waiting = 3, .asked = 6};
  };
  sources.offers = [] {
    const Registry registry = Registry::core();
    return std::vector<Registration>{{"org.one", Capability::measure("ping-average-ip4")
                                                     .when("now ... future / 1s")
                                                     .parameter("destination.ip4")
                                                     .result("delay.twoway.icmp.us.min")
                                                     .build(registry)}};
  };
  sources.measurements = [] {
    return std::vector<JobStatus>{{.owner = "alice",
                                   .token = "t1",
                                   .label = "mesh",
                                   .state = JobStatus::State::Running,
                                   .accepted = kNow},
                                  {.owner = "bob",
                                   .token = "t2",
                                   .label = "loop@org.one",
                                   .state = JobStatus::State::Planned,
                                   .accepted = kNow,
                                   .next = kNow + 1h}};
  };
  sources.above = [] { return ComponentStatus{.capabilities = 4}; };
  sources.results = [] { return ResultStore::Contents{7, 700}; };
  sources.began = kNow - 24h;
  return sources;
}

std::string answer(const FleetQuestion& question) {
  return fleet_answer(question, sources(), kNow);
}

}  // namespace

TEST_CASE("the components of a supervisor are a table for people", "[mpsup][fleet]") {
  CHECK(answer({.topic = Topic::Components}) ==
        "COMPONENT  STATE  HOW         LAST SEEN            CAPABILITIES  WAITING  ASKED  VERSION  "
        "CLOCK OFFSET  LOAD\n"
        "org.one    here   registered  2026-11-22 08:59:57             1        2      5  0.1.0    "
        "        -1.5   0.5\n"
        "org.two    away   connected   2026-11-22 08:59:00             0        1      1  -        "
        "           -     -\n");
}

TEST_CASE("the components of a supervisor are JSON for programs", "[mpsup][fleet]") {
  const std::string json = answer({.topic = Topic::Components, .component = "*two", .json = true});
  CHECK(json ==
        R"([
  {
    "component": "org.two",
    "state": "away",
    "how": "connected",
    "last-seen": "2026-11-22 08:59:00",
    "capabilities": 0,
    "waiting": 1,
    "asked": 1,
    "version": null,
    "clock-offset-seconds": null,
    "load": null
  }
]
)");
}

TEST_CASE("what does not match a filter is left out", "[mpsup][fleet]") {
  using Catch::Contains;
  CHECK_THAT(answer({.topic = Topic::Components, .state = "here"}), !Contains("org.two"));
  CHECK_THAT(answer({.topic = Topic::Capabilities}), Contains("ping-average-ip4"));
  CHECK_THAT(answer({.topic = Topic::Capabilities, .label = "dns-*"}), !Contains("ping"));
  CHECK_THAT(answer({.topic = Topic::Capabilities, .component = "org.two"}), !Contains("ping"));
  CHECK_THAT(answer({.topic = Topic::Measurements}), Contains("mesh") && Contains("bob"));
  CHECK_THAT(answer({.topic = Topic::Measurements, .owner = "bob"}), !Contains("mesh"));
  CHECK_THAT(answer({.topic = Topic::Measurements, .state = "running"}), !Contains("bob"));
  CHECK_THAT(answer({.topic = Topic::Measurements, .label = "loop@*"}), !Contains("alice"));
}

TEST_CASE("the status of a supervisor has its books, its queue and its components",
          "[mpsup][fleet]") {
  using Catch::Contains;
  const std::string text = answer({});
  CHECK_THAT(text, Contains("components-registered    1\n") && Contains("queue-waiting") &&
                       Contains("runs-done") && Contains("results-kept") && Contains("org.one"));
  const std::string json = answer({.json = true});
  CHECK_THAT(json, Contains(R"("queue-asked": 6)") && Contains(R"("capabilities-above": 4)") &&
                       Contains(R"("results-bytes": 700)") &&
                       Contains(R"("component": "org.one")"));
}

TEST_CASE("a question reads as it was written", "[mpsup][fleet]") {
  const FleetQuestion question{.topic = Topic::Measurements,
                               .component = "a b",
                               .label = "l*",
                               .owner = "o",
                               .state = "ended",
                               .json = true};
  const FleetQuestion read = parse_fleet_question(to_text(question));
  CHECK(to_text(read) == to_text(question));
  CHECK(read.topic == Topic::Measurements);
  CHECK(read.component == "a b");
  CHECK(read.json);
  for (const char* const wrong : {"", "nothing", "status\nformat xml\n", "status\nwho me\n"}) {
    CHECK_THROWS_AS(parse_fleet_question(wrong), Error);
  }
}

TEST_CASE("a state that nothing is ever in is refused", "[mpsup][fleet]") {
  CHECK_THROWS_WITH(parse_fleet_question("components\nstate nonsense\n"),
                    "state: \"nonsense\" is none of here or away");
  CHECK_THROWS_WITH(parse_fleet_question("measurements\nstate here\n"),
                    "state: \"here\" is none of planned, waiting, running or ended");
  for (const char* const good :
       {"components\nstate away\n", "status\nstate h*\n", "measurements\nstate *ed\n"}) {
    CHECK_NOTHROW(parse_fleet_question(good));
  }
}
