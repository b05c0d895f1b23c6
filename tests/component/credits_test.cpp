#include "mplane/component/credits.hpp"

#include "counter.hpp"
#include "mplane/component/component.hpp"
#include "mplane/component/detail/credits.hpp"
#include "mplane/component/detail/hourly_count.hpp"
#include "scheduler/fake_journal.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;
using detail::HourlyCount;

namespace {

/// One that takes every scope with a period, or every one without.
Capability any_capability(const std::string& when = "past ... future / 1s") {
  return Capability::measure("ping")
      .when(when)
      .parameter("destination.ip4")
      .result("delay.twoway.icmp.count")
      .build(Registry::core());
}

/// A dispatcher whose guests have credits.
struct Bank {
  explicit Bank(CreditOptions options, Service service = {any_capability(), {}},
                SchedulerOptions scheduling = {})
      : credits(std::move(options), clock),
        scheduler(clock, std::move(scheduling), {}),
        dispatcher(scheduler, clock, Counter::access(), {}, nullptr, &credits),
        ping(dispatcher.offer(run_by_hand(std::move(service)))) {}

  Service run_by_hand(Service service) {
    service.run = runs.service();
    return service;
  }
  /// Asks, and says how that was refused.
  std::string ask(const std::string& when = "now + 3s / 1s", const std::string& who = "alice") {
    const Reply reply =
        dispatcher.dispatch(Identity(who), test::ask(ping, when, "t" + std::to_string(++asked)));
    if (!reply.refusal) return "";
    CHECK(*reply.refusal == ErrorKind::TooMany);
    return reply.message.find<Exception>()->message();
  }

  FakeClock clock;
  ByHand runs;
  detail::Credits credits;
  Scheduler scheduler;
  Dispatcher dispatcher;
  Capability ping;
  int asked = 0;
};

std::optional<std::uint64_t> packets(const std::string& when) {
  FakeClock clock;
  const bool has_period = when.find('/') != std::string::npos;
  const Capability capability = any_capability(has_period ? "past ... future / 1s"  //
                                                          : "past ... future");
  return packets_of(test::ask(capability, when, "t"), clock.now());
}

}  // namespace

TEST_CASE("who limits its clients by itself is not limited once more", "[credits]") {
  Service service{any_capability(), {}};
  service.admit = [](const Owner&, const Specification&) { return Admission(); };
  CHECK_NOTHROW(Bank({}, service));
  CHECK_THROWS_WITH(Bank({.clients = {{.identity = "*", .specifications_per_hour = 2}}}, service),
                    Catch::Contains("\"ping\" limits its clients by itself"));
}

TEST_CASE("what was counted goes after an hour", "[credits]") {
  HourlyCount count;
  const HourlyCount::Time begin = 10h + 30s;
  CHECK(count.used(begin) == 0);
  count.add(5, begin);
  count.add(2, begin + 10min);
  CHECK(count.used(begin + 10min) == 7);
  CHECK(count.used(begin + 1h) == 7);  // the whole of it
  CHECK(count.used(begin + 1h + 30s) == 2);
  CHECK(count.used(begin + 1h + 10min) == 2);
  CHECK(count.used(begin + 1h + 11min) == 0);
  count.add(1, begin + 100h);
  CHECK(count.used(begin + 100h) == 1);
  count.take_back(1, begin);  // gone long since
  CHECK(count.used(begin + 100h) == 1);
  count.take_back(2, begin + 100h);
  CHECK(count.used(begin + 100h) == 0);
}

TEST_CASE("it is known when there will be room, and then there is", "[credits]") {
  HourlyCount count;
  const HourlyCount::Time begin = 5min;
  count.add(5, begin);
  count.add(2, begin + 10min);
  const HourlyCount::Time now = begin + 20min;
  CHECK(count.room_for(1, 8, now) == 0min);
  CHECK(count.room_for(2, 8, now) == 41min);
  CHECK(count.room_for(6, 8, now) == 41min);
  CHECK(count.room_for(7, 8, now) == 51min);
  CHECK(count.room_for(8, 8, now) == 51min);
  CHECK(count.room_for(9, 8, now) == std::nullopt);
  CHECK(count.room_for(6, 8, now + 41min) == 0min);
  CHECK(count.room_for(7, 8, now + 41min) == 10min);
}

TEST_CASE("a count does not come round", "[credits]") {
  HourlyCount count;
  count.add(kAnyPackets, 1min);
  count.add(kAnyPackets, 2min);
  CHECK(count.used(3min) == kAnyPackets);
  CHECK(count.room_for(1, 10, 3min) == 60min);
}

TEST_CASE("packets are the periods of a scope", "[credits]") {
  CHECK(packets("now") == 1);
  CHECK(packets("now + 1h") == 1);
  CHECK(packets("now ... future") == std::nullopt);
  CHECK(packets("now + 30s / 1s") == 30);
  CHECK(packets("now + 30s / 7s") == 5);
  CHECK(packets("now + 1s / 7s") == 1);
  CHECK(packets("2015-06-01 13:00:00 ... 2015-06-01 14:00:00 / 1m") == 60);
  CHECK(packets("repeat now + 1d / 1h { now + 5s / 1s }") == 5);
  CHECK(packets("now ... future / 1s") == std::nullopt);
  CHECK(packets("now + inf / 1s") == std::nullopt);
}

TEST_CASE("a train has as many packets as it says", "[credits]") {
  const Registry registry = Registry::decode(R"({"registry-format": "mplane-0",
      "registry-revision": 0, "registry-uri": "urn:test:train", "includes":
      ["http://ict-mplane.eu/registry/core"],
      "elements": [{"name": "train.packets", "prim": "natural"}]})");
  const auto packets = [&](const std::string& offered, const std::string& asked,
                           const std::uint64_t count) {
    return packets_of(Capability::measure("ping-train")
                          .when(offered)
                          .parameter("train.packets")
                          .result("delay.twoway.icmp.count")
                          .build(registry)
                          .specify(asked)
                          .set("train.packets", count)
                          .build(),
                      {});
  };
  CHECK(packets("now ... future", "now + 10s", 50) == 50);
  CHECK(packets("now ... future / 1s", "now + 10s / 1s", 50) == 500);
  CHECK(packets("now ... future / 1s", "now + 10s / 1s", kAnyPackets) == kAnyPackets);
}

TEST_CASE("a client has so many specifications an hour", "[credits]") {
  Bank bank({.clients = {{.identity = "al*", .specifications_per_hour = 2}}});
  CHECK(bank.ask().empty());
  bank.clock.advance(20min);
  CHECK(bank.ask().empty());
  CHECK(bank.ask() ==
        "credits/specifications-per-hour: \"alice\" has used 2 of 2 specifications an hour; there "
        "is room for it in 41m");
  CHECK(bank.ask("now + 1s / 1s", "bob").empty());  // has no limit
  bank.clock.advance(41min);
  CHECK(bank.ask().empty());
}

TEST_CASE("the same specification again costs nothing", "[credits]") {
  Bank bank({.clients = {{.identity = "*", .specifications_per_hour = 1}}});
  const Specification asked = test::ask(bank.ping, "now + 3s / 1s", "t");
  for (int i = 0; i < 3; ++i) {
    CHECK_FALSE(bank.dispatcher.dispatch(Identity("alice"), asked).refusal);
  }
  CHECK_FALSE(bank.ask().empty());
  CHECK(bank.ask("now + 1s / 1s", "bob").empty());  // each has his own
}

TEST_CASE("a client has so many measurements at once", "[credits]") {
  Bank bank({.clients = {{.identity = "*", .measurements = 2}}});
  CHECK(bank.ask("now + 10s / 1s").empty());
  CHECK(bank.ask("2015-06-02 ... 2015-06-03 / 1h").empty());  // planned
  CHECK(bank.ask() ==
        "credits/measurements: \"alice\" has 2 of 2 measurements planned or running; there is room "
        "when one ends");
  bank.runs.finish(1);
  CHECK(bank.ask().empty());
}

TEST_CASE("what was not accepted costs nothing", "[credits]") {
  const CreditOptions two{.clients = {{.identity = "*", .specifications_per_hour = 2}}};
  SECTION("since there is no room for it elsewhere") {
    Bank bank(two, {any_capability(), {}}, {.limits = {.jobs_per_owner = 1}});
    CHECK(bank.ask().empty());
    for (int i = 0; i < 3; ++i) CHECK(bank.ask().find("limits/jobs-per-owner") == 0);
    bank.runs.finish(1);
    CHECK(bank.ask().empty());
  }
  SECTION("since the journal could not keep it") {
    FakeJournal journal;
    Bank bank(two, {any_capability(), {}}, {.journal = &journal});
    journal.fail(Error(ErrorKind::Unavailable, "", "the disk is full"));
    for (int i = 0; i < 3; ++i) {
      const auto token = "unkept" + std::to_string(i);
      const Reply reply =
          bank.dispatcher.dispatch(Identity("alice"), test::ask(bank.ping, "now + 3s / 1s", token));
      CHECK(reply.refusal == ErrorKind::Unavailable);
    }
    journal.fail({});
    CHECK(bank.ask().empty());
    CHECK(bank.ask().empty());
    CHECK(bank.ask().find("has used 2 of 2") != std::string::npos);
  }
}

TEST_CASE("who asks on many threads has no more measurements at once than one may", "[credits]") {
  constexpr int kThreads = 8;
  constexpr int kEach = 50;
  Bank bank({.clients = {{.identity = "*", .measurements = 10}}});
  std::atomic<int> accepted = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < kEach; ++k) {
        const std::string token = std::to_string(i) + "-" + std::to_string(k);
        const Reply reply = bank.dispatcher.dispatch(
            Identity("alice"), test::ask(bank.ping, "2015-06-02 ... 2015-06-03 / 1h", token));
        if (!reply.refusal) ++accepted;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(accepted == 10);
}

TEST_CASE("a client has so many packets an hour", "[credits]") {
  Bank bank({.clients = {{.identity = "*", .packets_per_hour = 100}}});
  CHECK(bank.ask("now + 60s / 1s").empty());
  CHECK(bank.ask("now + 50s / 1s") ==
        "credits/packets-per-hour: \"alice\" has used 60 of 100 packets an hour, and this takes "
        "50; there is room for it in "
        "1h1m");
  CHECK(bank.ask("now + 40s / 1s").empty());
  CHECK(bank.ask("now + 101s / 1s").find("there never is room for it") != std::string::npos);
  CHECK(bank.ask("now ... future / 1s").find("a scope without an end has more") !=
        std::string::npos);
  bank.clock.advance(61min);
  CHECK(bank.ask("now + 100s / 1s").empty());
}

TEST_CASE("each run is counted when it starts, and fails without room", "[credits]") {
  Bank bank({.clients = {{.identity = "*", .packets_per_hour = 100}}});
  CHECK(bank.ask("repeat now + 2h / 20m { now + 40s / 1s }").empty());
  const auto refused = [&] { return bank.scheduler.books().failed; };
  for (int run = 0; run < 2; ++run) {
    bank.runs.finish(1);
    bank.clock.advance(20min);
  }
  CHECK(bank.runs.starts() == 2);
  CHECK(refused() == 1);
  bank.clock.advance(20min);  // an hour after the first, which counts for a minute more
  CHECK(refused() == 2);
  bank.clock.advance(20min);
  CHECK(bank.runs.starts() == 3);
  CHECK(refused() == 2);
}

TEST_CASE("the operator says what a period costs, the service how many there are", "[credits]") {
  const CreditOptions options{.clients = {{.identity = "*", .packets_per_hour = 100}},
                              .costs = {{"pong", 1000}, {"p*", 10}, {"ping", 1000}}};
  Bank bank(options);
  CHECK(bank.ask("now + 11s / 1s").find("this takes 110") != std::string::npos);
  Service service{any_capability(), {}};
  service.packets = [](const Owner& client, const Specification&) {
    return std::optional<std::uint64_t>(client == "alice" ? 7 : 8);
  };
  Bank other(options, std::move(service));
  CHECK(other.ask("now + 1s / 1s").empty());
  CHECK(other.ask("now + 1s / 1s").find("this takes 70") != std::string::npos);
  CHECK(other.ask("now + 1s / 1s", "bob").empty());
  CHECK(other.ask("now + 1s / 1s", "bob").find("this takes 80") != std::string::npos);
}

TEST_CASE("what a service looks at itself comes before what its client has left", "[credits]") {
  Service service{any_capability(), {}};
  bool is_good = false;
  service.check = [&](const Owner&, const Specification&) {
    if (!is_good) throw Error(ErrorKind::TooMany, "", "not today");
  };
  Bank bank({.clients = {{.identity = "*", .specifications_per_hour = 1}}}, std::move(service));
  CHECK(bank.ask() == "not today");
  is_good = true;
  CHECK(bank.ask().empty());
}

TEST_CASE("clients without number share one account until others were quiet", "[credits]") {
  Bank bank({.clients = {{.identity = "*", .specifications_per_hour = 1}}});
  const Specification asked = test::ask(bank.ping, "now + 1s / 1s", "t");
  const auto admit = [&](const std::string& who) { bank.credits.admit(who, asked, 1); };
  for (std::size_t i = 0; i + 1 < detail::Credits::kClients; ++i) admit(std::to_string(i));
  admit("last");
  admit("one of many");
  CHECK_THROWS_AS(admit("another"), Error);
  bank.clock.advance(2h);
  CHECK_NOTHROW(admit("another"));
  CHECK_NOTHROW(admit("one of many"));
}
