#include "scheduler/workshop.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

/// A service that counts its calls and returns the count, the moment it is called.
struct Counting {
  Run service() {
    return [this](const Specification& specification, auto) {
      specifications.push_back(specification);
      return counted(specification, specifications.size());
    };
  }
  std::vector<Specification> specifications;
};

struct CountingShop {
  explicit CountingShop(SchedulerOptions options = {})
      : scheduler(clock, std::move(options), {}),
        capability(scheduler.offer({ping_capability(), counting.service(), true})) {}
  void submit(const std::string& when) {
    scheduler.submit("alice", ask(capability, when, "t").with_label("every now and then"));
  }
  FakeClock clock;
  Counting counting;
  Scheduler scheduler;
  Capability capability;
};

std::vector<std::uint64_t> counts_of(const Message& message) {
  std::vector<std::uint64_t> counts;
  if (const Envelope* const envelope = message.find<Envelope>()) {
    for (const Message& one : envelope->messages()) counts.push_back(count_of(one));
  }
  return counts;
}

}  // namespace

TEST_CASE("an open scope repeats until it is interrupted", "[scheduler][repeated]") {
  CountingShop shop;
  shop.submit("repeat now ... future / 10s");
  CHECK(shop.counting.specifications.size() == 1);
  shop.clock.advance(1min);
  CHECK(shop.counting.specifications.size() == 7);
  shop.scheduler.interrupt("alice", "t");
  shop.clock.advance(1min);
  CHECK(shop.counting.specifications.size() == 7);
}

TEST_CASE("results of a repeated scope can be had while it goes on", "[scheduler][repeated]") {
  CountingShop shop;
  shop.submit("repeat 2015-06-01 12:00:10 + 1h / 10s");
  CHECK(shop.scheduler.redeem("alice", "t").kind() == "receipt");
  shop.clock.advance(10s);
  CHECK(counts_of(shop.scheduler.redeem("alice", "t")) == std::vector<std::uint64_t>{1});
  shop.clock.advance(20s);
  CHECK(counts_of(shop.scheduler.redeem("alice", "t")) == std::vector<std::uint64_t>{1, 2, 3});
}

TEST_CASE("the envelope of repeated results has the outer scope", "[scheduler][repeated]") {
  CountingShop shop;
  shop.submit("repeat now + 1h / 10s");
  const Message message = shop.scheduler.redeem("alice", "t");
  const Envelope* const envelope = message.find<Envelope>();
  REQUIRE(envelope != nullptr);
  CHECK(envelope->content_type == "result");
  CHECK(envelope->token == "t");
  CHECK(envelope->label == "every now and then");
  REQUIRE(envelope->when);
  CHECK(to_string(*envelope->when) ==
        "2015-06-01 12:00:00.000000 ... 2015-06-01 13:00:00.000000 / 10s");
}

TEST_CASE("each run has its own token and definite scope", "[scheduler][repeated]") {
  CountingShop shop;
  shop.submit("repeat now + 10s / 5s { now + 2s }");
  shop.clock.advance(10s);
  const auto& runs = shop.counting.specifications;
  REQUIRE(runs.size() == 3);
  CHECK(to_string(runs[1].when()) == "2015-06-01 12:00:05.000000 + 2s");
  CHECK(runs[0].token() != runs[1].token());
  CHECK(runs[1].token() != runs[2].token());
}

TEST_CASE("only the newest results are kept", "[scheduler][repeated]") {
  SchedulerOptions options;
  options.results.newest = 3;
  CountingShop shop(options);
  shop.submit("repeat now ... future / 1s");
  shop.clock.advance(9s);
  CHECK(counts_of(shop.scheduler.redeem("alice", "t")) == std::vector<std::uint64_t>{8, 9, 10});
}

TEST_CASE("a crontab starts runs by the time of day", "[scheduler][repeated]") {
  CountingShop shop;
  shop.submit("repeat now ... future cron 0 0,30 * * * *");
  shop.clock.advance(1h);
  CHECK(shop.counting.specifications.size() == 3);
  CHECK(to_string(shop.counting.specifications[1].when()) == "2015-06-01 12:30:00.000000");
}

TEST_CASE("a repeated scope ends with its last run", "[scheduler][repeated]") {
  Workshop shop;
  bool ended = false;
  shop.submit("repeat now + 2s / 1s");
  shop.scheduler.await("alice", "t", 1h, [&](const Message&) { ended = true; });
  shop.runs.finish(1);
  shop.clock.advance(1s);
  shop.runs.finish(2);
  shop.clock.advance(1s);
  CHECK_FALSE(ended);
  shop.runs.finish(3);
  CHECK(ended);
  CHECK(counts_of(shop.redeem()) == std::vector<std::uint64_t>{1, 2, 3});
}

TEST_CASE("a failed run is in the envelope beside the results", "[scheduler][repeated]") {
  Workshop shop;
  shop.submit("repeat now ... future / 1s");
  shop.runs.take().completion.fail({ErrorKind::Failed, "", "no route"});
  shop.clock.advance(1s);
  shop.runs.finish(2);
  const Message message = shop.redeem();
  const Envelope* const envelope = message.find<Envelope>();
  REQUIRE(envelope != nullptr);
  CHECK(envelope->content_type == "message");
  REQUIRE(envelope->size() == 2);
  CHECK(envelope->messages()[0].kind() == "exception");
  CHECK(envelope->messages()[1].kind() == "result");
}

TEST_CASE("a start that overlaps the run before is skipped, queued or run beside it",
          "[scheduler][repeated]") {
  struct Case {
    Overlap overlap;
    std::size_t starts;  // after three were due and none ended
    std::size_t skipped;
    std::size_t waiting;
    std::size_t after;  // when the first then ends
  };
  const std::vector<Case> cases{
      {Overlap::Skip, 1, 2, 0, 1}, {Overlap::Queue, 1, 0, 2, 2}, {Overlap::Parallel, 3, 0, 0, 3}};
  for (const Case& c : cases) {
    ServicePolicy policy;
    policy.overlap = c.overlap;
    Workshop shop(policy);
    shop.submit("repeat now ... future / 10s");
    shop.clock.advance(25s);
    CHECK(shop.runs.starts() == c.starts);
    Books books = shop.scheduler.books("alice", "t");
    CHECK(books.planned == 3);
    CHECK(books.skipped == c.skipped);
    CHECK(books.count(Reason::Overlap) == c.skipped);
    CHECK(books.waiting == c.waiting);
    CHECK(books.balance());
    shop.runs.finish(1);
    shop.clock.settle();
    CHECK(shop.runs.starts() == c.after);
    CHECK(shop.scheduler.books().balance());
  }
}

TEST_CASE("a repeated scope without any outcome says what became of its starts",
          "[scheduler][repeated]") {
  ServicePolicy policy;
  policy.max_running = 0;
  SchedulerOptions options;
  options.limits.waiting = 0;
  Workshop shop(policy, options);
  shop.submit("repeat now + 2s / 1s");
  shop.clock.advance(3s);
  const Message message = shop.redeem();
  REQUIRE(message.find<Exception>() != nullptr);
  CHECK(message.find<Exception>()->message() ==
        "ended without a result: 3 starts, 3 service-limit");
}
