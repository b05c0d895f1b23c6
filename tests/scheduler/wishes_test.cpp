// What specifications choose by their metadata, and what results say of their run by theirs.

#include "scheduler/schedule_words.hpp"
#include "scheduler/workshop.hpp"

#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

/// A workshop whose capability speaks the registry that has words for schedules.
struct Chooser {
  explicit Chooser(ServicePolicy policy = {}, SchedulerOptions options = {})
      : scheduler(clock, std::move(options), {}),
        capability(scheduler.offer({schedulable_capability(), runs.service(), false, policy})) {}

  Specification ask_for(const std::string& when, const std::string& element, const Value& value) {
    return ask(capability, when, "t").with_metadata(element, value);
  }
  void submit(const std::string& when, const std::string& element, const Value& value) {
    scheduler.submit("alice", ask_for(when, element, value));
  }
  Message redeem() { return scheduler.redeem("alice", "t"); }
  Books books() { return scheduler.books("alice", "t"); }

  FakeClock clock;
  ByHand runs;
  Scheduler scheduler;
  Capability capability;
};

std::string mark(const Message& message, const std::string& element) {
  const Result* const result = message.find<Result>();
  const Value* const value = result == nullptr ? nullptr : result->find_metadata(element);
  return value == nullptr ? "none" : to_string(*value);
}

}  // namespace

TEST_CASE("what the operator leaves to clients they may choose", "[scheduler][wishes]") {
  ServicePolicy policy;
  policy.choices = {
      .overlap_queue = true, .overlap_parallel = true, .missed_once = true, .slip = 10s};
  SECTION("overlap: queue") {
    Chooser shop(policy);
    shop.submit("repeat now ... future / 10s", "schedule.overlap", "queue");
    shop.clock.advance(25s);
    CHECK(shop.books().waiting == 2);
  }
  SECTION("overlap: parallel") {
    Chooser shop(policy);
    shop.submit("repeat now ... future / 10s", "schedule.overlap", "parallel");
    shop.clock.advance(25s);
    CHECK(shop.books().running == 3);
  }
  SECTION("missed: once") {
    Chooser shop(policy);
    shop.submit("repeat 2015-06-01 12:00:00 ... future / 1m", "schedule.missed", "once");
    shop.runs.finish(1);
    shop.clock.step(30min + 30s);
    CHECK(shop.books().started == 2);
    CHECK(shop.books().missed == 29);
  }
  SECTION("slip") {
    Chooser shop(policy);
    shop.submit("2015-06-01 12:01:00 + 1m", "schedule.slip.us", std::uint64_t{10'000'000});
    shop.clock.advance(1min);
    CHECK(shop.runs.starts() == 0);
    shop.clock.advance(10s);
    CHECK(shop.runs.starts() == 1);
  }
  SECTION("max-results") {
    Chooser shop(policy);
    shop.submit("repeat now ... future / 1s", "schedule.max-results", std::uint64_t{2});
    for (std::uint64_t run = 1; run <= 4; ++run) {
      shop.runs.finish(run);
      shop.clock.advance(1s);
    }
    const Message message = shop.redeem();
    REQUIRE(message.find<Envelope>() != nullptr);
    CHECK(message.find<Envelope>()->size() == 2);
    CHECK(count_of(message.find<Envelope>()->messages()[0]) == 3);
  }
}

TEST_CASE("a run is as long as it was asked for, however far its slip puts it off",
          "[scheduler][wishes]") {
  ServicePolicy policy;
  policy.slip = 1h;
  Workshop shop(policy);
  shop.submit("2015-06-01 13:00:00 + 1s");
  const Plan plan =
      shop.scheduler.plan("alice", ask(shop.capability, "2015-06-01 13:00:00 + 1s", "t"), 1);
  REQUIRE(plan.starts.size() == 1);
  const Duration slip = plan.starts[0] - Time::parse("2015-06-01 13:00:00").instant();
  REQUIRE(slip > 10s);
  shop.clock.advance(1h + slip);
  REQUIRE(shop.runs.starts() == 1);
  CHECK_FALSE(shop.runs.is_asked_to_stop());
  shop.clock.advance(1s + 2s);  // and its grace
  CHECK(shop.runs.is_asked_to_stop());
}

TEST_CASE("schedulers of different names slip by different times", "[scheduler][wishes]") {
  ServicePolicy policy;
  policy.slip = 1h;
  const auto start_of = [&](const std::string& name) {
    SchedulerOptions options;
    options.name = name;
    const Workshop shop(policy, options);
    const auto asked = ask(shop.capability, "2015-06-01 13:00:00 + 1s", "t");
    return shop.scheduler.plan("alice", asked, 1).starts.at(0);
  };
  CHECK(start_of("one") != start_of("two"));
  CHECK(start_of("one") == start_of("one"));
}

TEST_CASE("what the operator does not leave to clients is refused", "[scheduler][wishes]") {
  struct Case {
    std::string element;
    Value value;
    std::string message;
  };
  const std::string kept = " is not what the service's operator lets clients choose";
  const std::vector<Case> cases{
      {"schedule.overlap", "queue", "'queue'" + kept},
      {"schedule.overlap", "parallel", "'parallel'" + kept},
      {"schedule.overlap", "both", "'both' is none of skip, queue, parallel"},
      {"schedule.missed", "once", "'once'" + kept},
      {"schedule.missed", "twice", "'twice' is none of skip, once"},
      {"schedule.slip.us", std::uint64_t{2'000'000}, "'2000000'" + kept},
      {"schedule.max-results", std::uint64_t{11}, "'11'" + kept},
      {"schedule.max-results", std::uint64_t{0}, "'0' would keep no result at all"}};
  ServicePolicy policy;
  policy.slip = 1s;
  policy.max_results = 10;
  Chooser shop(policy);
  for (const Case& c : cases) {
    CAPTURE(c.element, c.message);
    const auto asked = shop.ask_for("repeat now ... future / 10s", c.element, c.value);
    try {
      shop.scheduler.submit("alice", asked);
      FAIL("it took the job");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::Invalid);
      CHECK(error.where() == "metadata/" + c.element);
      CHECK(error.message() == c.message);
    }
    const Plan plan = shop.scheduler.plan("alice", asked, 3);
    REQUIRE(plan.refusal);
    CHECK(plan.refusal->message() == c.message);
  }
  CHECK(shop.scheduler.books() == Books());
}

TEST_CASE("what the service does anyway may be asked for", "[scheduler][wishes]") {
  ServicePolicy policy;
  policy.overlap = Overlap::Parallel;
  policy.missed = Missed::Once;
  Chooser shop(policy);
  shop.submit("repeat now ... future / 10s", "schedule.overlap", "parallel");
  shop.scheduler.submit("bob", shop.ask_for("now", "schedule.overlap", "skip"));
  shop.scheduler.submit("carol", shop.ask_for("now", "schedule.missed", "once"));
  CHECK(shop.scheduler.books().started == 3);
}

TEST_CASE("the result of an interrupted run is marked as cut short", "[scheduler][wishes]") {
  Chooser shop;
  shop.submit("now ... future", "schedule.lateness", false);
  SECTION("by its owner") {
    shop.scheduler.interrupt("alice", "t");
    shop.runs.finish(1);
    CHECK(mark(shop.redeem(), "schedule.cut-short") == "interrupted");
    CHECK(shop.books().count(Reason::Interrupted) == 1);
  }
  SECTION("by the end of the component") {
    std::thread stopping([&] { shop.scheduler.stop(4s); });
    while (!shop.runs.is_asked_to_stop()) std::this_thread::yield();
    shop.runs.finish(1);
    stopping.join();
    CHECK(mark(shop.redeem(), "schedule.cut-short") == "shut-down");
  }
  SECTION("but not one that came to its end") {
    shop.runs.finish(1);
    CHECK(mark(shop.redeem(), "schedule.cut-short") == "none");
  }
}

TEST_CASE("a result that came at the end of its scope was not cut short", "[scheduler][wishes]") {
  Chooser shop;
  shop.submit("now + 10s", "schedule.lateness", false);
  shop.clock.advance(13s);
  REQUIRE(shop.runs.is_asked_to_stop());
  shop.runs.finish(1);
  CHECK(mark(shop.redeem(), "schedule.cut-short") == "none");
}

TEST_CASE("a result tells how late its run was when it is asked to", "[scheduler][wishes]") {
  Chooser shop;
  SECTION("by the specification") {
    shop.submit("2015-06-01 12:01:00 + 1m", "schedule.lateness", true);
    shop.clock.suspend(1min + 250ms);
    shop.runs.finish(1);
    const Message message = shop.redeem();
    CHECK(mark(message, "schedule.lateness.us") == "250000");
    CHECK(mark(message, "schedule.planned") == "2015-06-01 12:01:00.000000");
  }
  SECTION("and only then") {
    shop.submit("2015-06-01 12:01:00 + 1m", "schedule.lateness", false);
    shop.clock.advance(1min);
    shop.runs.finish(1);
    CHECK(mark(shop.redeem(), "schedule.lateness.us") == "none");
  }
}

TEST_CASE("a service may tell the lateness of all its runs", "[scheduler][wishes]") {
  ServicePolicy policy;
  policy.tell_lateness = true;
  Chooser shop(policy);
  shop.scheduler.submit("alice", ask(shop.capability, "now", "t"));
  shop.runs.finish(1);
  CHECK(mark(shop.redeem(), "schedule.lateness.us") == "0");
}

TEST_CASE("results of a registry without words for schedules carry no marks",
          "[scheduler][wishes]") {
  ServicePolicy policy;
  policy.tell_lateness = true;
  Workshop shop(policy);
  shop.submit("now ... future");
  shop.scheduler.interrupt("alice", "t");
  shop.runs.finish(1);
  const Message message = shop.redeem();
  REQUIRE(message.find<Result>() != nullptr);
  CHECK(message.find<Result>()->metadata().empty());
}
