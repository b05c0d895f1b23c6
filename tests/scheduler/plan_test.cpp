#include "scheduler/workshop.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

/// The starts of a plan, as the time of day.
std::vector<std::string> times_of(const Plan& plan) {
  std::vector<std::string> times;
  for (const Instant start : plan.starts) times.push_back(to_string(Time(start)).substr(11, 8));
  return times;
}

/// The conflicts of a plan: "12:00:10 overlap ping 12:00:00".
std::vector<std::string> conflicts_of(const Plan& plan) {
  std::vector<std::string> texts;
  for (const Plan::Conflict& one : plan.conflicts) {
    texts.push_back(to_string(Time(one.start)).substr(11, 8) + " " +
                    std::string(traits(one.reason).name) + " " + one.label + " " +
                    to_string(Time(one.other)).substr(11, 8));
  }
  return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a plan tells the next starts of a scope and changes nothing", "[scheduler][plan]") {
  struct Case {
    std::string when;
    Texts starts;
  };
  const std::vector<Case> cases{
      {"now", {"12:00:00"}},
      {"now + 10s", {"12:00:00"}},
      {"2015-06-01 13:00:00 + 1m", {"13:00:00"}},
      {"repeat now ... future / 10s", {"12:00:00", "12:00:10", "12:00:20"}},
      {"repeat now + 10s / 10s", {"12:00:00", "12:00:10"}},
      {"repeat 2015-06-01 11:59:55 ... future / 10s", {"12:00:05", "12:00:15", "12:00:25"}},
      {"repeat now ... future cron 0 0,30 * * * *", {"12:00:00", "12:30:00", "13:00:00"}}};
  Workshop shop;
  for (const Case& c : cases) {
    CAPTURE(c.when);
    const Plan plan = shop.scheduler.plan("alice", ask(shop.capability, c.when, "t"), 3);
    CHECK_FALSE(plan.refusal);
    CHECK(times_of(plan) == c.starts);
    CHECK(plan.conflicts.empty());
  }
  CHECK(shop.scheduler.jobs().empty());
  CHECK(shop.scheduler.books() == Books());
  CHECK(shop.runs.starts() == 0);
}

TEST_CASE("what a plan tells comes true, slip and all", "[scheduler][plan]") {
  ServicePolicy policy;
  policy.slip = 30s;
  Workshop shop(policy);
  const auto asked = ask(shop.capability, "repeat now + 3m / 1m", "t");
  const Plan plan = shop.scheduler.plan("alice", asked, 10);
  REQUIRE(plan.starts.size() == 4);
  shop.scheduler.submit("alice", asked);
  for (std::size_t i = 0; i < plan.starts.size(); ++i) {
    shop.clock.advance(plan.starts[i] - shop.clock.now() - 1us);
    CHECK(shop.runs.starts() == i);
    shop.clock.advance(1us);
    CHECK(shop.runs.starts() == i + 1);
    shop.runs.finish(1);
  }
}

TEST_CASE("a plan tells why a specification would be refused", "[scheduler][plan]") {
  SchedulerOptions options;
  options.limits.jobs_per_owner = 1;
  Workshop shop({}, options);
  shop.submit("now", "1");
  SECTION("by a limit") {
    const Plan plan = shop.scheduler.plan("alice", ask(shop.capability, "now", "2"), 3);
    REQUIRE(plan.refusal);
    CHECK(plan.refusal->kind() == ErrorKind::TooMany);
    CHECK(plan.refusal->where() == "limits/jobs-per-owner");
    CHECK(plan.starts.empty());
    CHECK_FALSE(shop.scheduler.plan("bob", ask(shop.capability, "now", "2"), 3).refusal);
  }
  SECTION("because it is over") {
    const Plan plan =
        shop.scheduler.plan("bob", ask(shop.capability, "2015-06-01 11:00:00 + 1m", "2"), 3);
    REQUIRE(plan.refusal);
    CHECK(plan.refusal->kind() == ErrorKind::Invalid);
  }
  SECTION("because nobody offers it") {
    const auto other = ping_capability("other", "other");
    const Plan plan = shop.scheduler.plan("bob", ask(other, "now", "2"), 3);
    REQUIRE(plan.refusal);
    CHECK(plan.refusal->kind() == ErrorKind::Invalid);
  }
  SECTION("because he may not use it") {
    const Plan plan = shop.scheduler.plan("bob", ask(shop.capability, "now", "2"), 3,
                                          [](const Capability&) { return false; });
    REQUIRE(plan.refusal);
    CHECK(plan.refusal->kind() == ErrorKind::Refused);
  }
}

TEST_CASE("a plan tells what is in the way of its starts", "[scheduler][plan]") {
  SECTION("the run before") {
    Workshop shop;
    const auto asked = ask(shop.capability, "repeat now + 25s / 10s { now + 15s }", "t");
    // The run of 12:00:20 finds nobody there: the one before it was skipped.
    CHECK(conflicts_of(shop.scheduler.plan("alice", asked, 5)) ==
          Texts{"12:00:10 overlap ping 12:00:00"});
  }
  SECTION("the run before, which had to wait itself") {
    ServicePolicy queue;
    queue.overlap = Overlap::Queue;
    Workshop shop;
    ByHand one_by_one;
    const Capability capability = shop.scheduler.offer(
        {ping_capability("queue", "queue"), one_by_one.service(), false, queue});
    const auto asked = ask(capability, "repeat now + 35s / 10s { now + 15s }", "t");
    CHECK(conflicts_of(shop.scheduler.plan("alice", asked, 5)) ==
          Texts{"12:00:10 overlap queue 12:00:00", "12:00:20 overlap queue 12:00:10",
                "12:00:30 overlap queue 12:00:20"});
  }
  SECTION("the run before, for thousands of years each") {
    ServicePolicy queue;
    queue.overlap = Overlap::Queue;
    Workshop shop;
    ByHand one_by_one;
    const Capability capability = shop.scheduler.offer(
        {ping_capability("queue", "queue"), one_by_one.service(), false, queue});
    const auto asked = ask(capability, "repeat now + 300s / 1s { now + 2555000d }", "t");
    CHECK(conflicts_of(shop.scheduler.plan("alice", asked, 100)).size() == 99);
  }
  SECTION("what is exclusive") {
    Workshop shop;
    ServicePolicy exclusive;
    exclusive.job_class = JobClass::Exclusive;
    ByHand alone;
    const Capability capability = shop.scheduler.offer(
        {ping_capability("alone", "exclude"), alone.service(), false, exclusive});
    shop.scheduler.submit("bob", ask(capability, "2015-06-01 12:00:10 + 5s", "x"));
    const auto asked = ask(shop.capability, "repeat now + 30s / 12s { now + 2s }", "t");
    CHECK(conflicts_of(shop.scheduler.plan("alice", asked, 5)) ==
          Texts{"12:00:12 run-limit alone 12:00:10"});
  }
  SECTION("others of the same service") {
    ServicePolicy policy;
    policy.max_running = 2;
    Workshop shop(policy);
    shop.submit("2015-06-01 12:00:10 + 5s", "1", "bob");
    const auto asked = ask(shop.capability, "2015-06-01 12:00:12 + 5s", "t");
    CHECK(conflicts_of(shop.scheduler.plan("alice", asked, 5)).empty());
    shop.submit("2015-06-01 12:00:08 + 10s", "2", "bob");
    CHECK(conflicts_of(shop.scheduler.plan("alice", asked, 5)) ==
          Texts{"12:00:12 service-limit ping 12:00:08"});
  }
  SECTION("one that runs already") {
    ServicePolicy policy;
    policy.max_running = 1;
    Workshop shop(policy);
    shop.submit("now + 1m", "1", "bob");
    shop.clock.advance(10s);
    const auto asked = ask(shop.capability, "now + 5s", "t");
    CHECK(conflicts_of(shop.scheduler.plan("alice", asked, 5)) ==
          Texts{"12:00:10 service-limit ping 12:00:00"});
  }
}

TEST_CASE("jobs are listed with what they wait for and have done", "[scheduler][plan]") {
  ServicePolicy policy;
  policy.max_running = 1;
  Workshop shop(policy);
  shop.submit("now", "ended", "bob");
  shop.runs.finish(1);
  shop.submit("now", "runs", "bob");
  shop.submit("now", "waits", "bob");
  shop.submit("2015-06-01 13:00:00", "planned", "alice");
  const auto jobs = shop.scheduler.jobs();
  REQUIRE(jobs.size() == 4);
  using State = JobStatus::State;
  const std::vector<std::pair<std::string, State>> expected{{"planned", State::Planned},
                                                            {"ended", State::Ended},
                                                            {"runs", State::Running},
                                                            {"waits", State::Waiting}};
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    CHECK(jobs[i].token == expected[i].first);
    CHECK(jobs[i].state == expected[i].second);
    CHECK(jobs[i].owner == (i == 0 ? "alice" : "bob"));
    CHECK(jobs[i].next.has_value() == (i == 0));
  }
  CHECK(jobs[1].books.done == 1);
}

TEST_CASE("who follows a job gets each outcome as it comes", "[scheduler][follow]") {
  Workshop shop;
  std::vector<std::string> heard;
  const auto note = [&](const std::optional<Message>& outcome) {
    heard.push_back(outcome ? std::to_string(count_of(*outcome)) : "end");
  };
  shop.submit("repeat now + 20s / 10s");
  shop.runs.finish(1);
  shop.scheduler.follow("alice", "t", note);
  CHECK(heard == Texts{"1"});  // what there was already
  shop.clock.advance(10s);
  shop.runs.finish(2);
  CHECK(heard == Texts{"1", "2"});
  shop.clock.advance(10s);
  shop.runs.finish(3);
  CHECK(heard == Texts{"1", "2", "3", "end"});
  heard.clear();
  shop.scheduler.follow("alice", "t", note);
  CHECK(heard == Texts{"1", "2", "3", "end"});
  CHECK_THROWS_AS(shop.scheduler.follow("bob", "t", note), Error);
}

TEST_CASE("what a follower throws is logged and hurts nobody", "[scheduler][follow]") {
  Workshop shop;
  shop.submit("now");
  shop.scheduler.follow("alice", "t",
                        [](const auto&) { throw Error(ErrorKind::Internal, "", "oops"); });
  shop.runs.finish(1);
  CHECK(count_of(shop.redeem()) == 1);
  REQUIRE_FALSE(shop.log().empty());
  CHECK(shop.log()[0].message == "who follows a job threw");
}

TEST_CASE("following does not count as handing over, which can be said", "[scheduler][follow]") {
  SchedulerOptions options;
  options.results.fetched = 1h;
  options.results.unfetched = 48h;
  Workshop shop({}, options);
  shop.submit("now");
  shop.runs.finish(1);
  shop.scheduler.follow("alice", "t", [](const auto&) {});
  shop.clock.advance(24h);
  CHECK(shop.scheduler.jobs().size() == 1);
  shop.scheduler.hand_over("alice", "t");
  shop.clock.advance(2h);
  CHECK(shop.scheduler.jobs().empty());
}
