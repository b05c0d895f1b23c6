#include "scheduler/workshop.hpp"
#include "support/sanitizers.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

/// A service that ends its run the moment it is asked to stop, with what it has.
AsyncRun obedient() {
  struct Job {
    Job(const Specification& asked, const std::stop_token& stop, Completion ended)
        : specification(asked),
          done(std::move(ended)),
          on_stop(stop, [this] { done(counted(specification, 3)); }) {}
    Specification specification;
    Completion done;
    std::stop_callback<std::function<void()>> on_stop;
  };
  const auto jobs = std::make_shared<std::vector<std::unique_ptr<Job>>>();
  return [jobs](const Specification& specification, std::stop_token stop, Completion done) {
    jobs->push_back(std::make_unique<Job>(specification, stop, std::move(done)));
  };
}

}  // namespace

TEST_CASE("an interrupt reaches the service at once, and the answer holds what it has",
          "[scheduler][interrupt]") {
  Workshop shop;
  const Capability capability =
      shop.scheduler.offer({ping_capability("obedient", "query"), obedient()});
  shop.scheduler.submit("alice", ask(capability, "now", "q"));
  CHECK(count_of(shop.scheduler.interrupt("alice", "q")) == 3);
}

TEST_CASE("an interrupt can wait for the run to end", "[scheduler][interrupt]") {
  Workshop shop;
  shop.submit("now ... future");
  std::vector<std::string> kinds;
  const auto note = [&](const Message& message) { kinds.emplace_back(message.kind()); };
  SECTION("which it does in time") {
    shop.scheduler.interrupt("alice", "t", 1s, note);
    CHECK(kinds.empty());
    shop.runs.finish(1);
    CHECK(kinds == std::vector<std::string>{"result"});
  }
  SECTION("which it does not") {
    shop.scheduler.interrupt("alice", "t", 1s, note);
    shop.clock.advance(1s);
    CHECK(kinds == std::vector<std::string>{"receipt"});
  }
}

TEST_CASE("a run that was interrupted before it started says so", "[scheduler][interrupt]") {
  Workshop shop;
  shop.submit("2015-06-01 13:00:00 + 1m");
  const Message message = shop.scheduler.interrupt("alice", "t");
  REQUIRE(message.find<Exception>() != nullptr);
  CHECK(message.find<Exception>()->message() ==
        "it was interrupted before it started (interrupted-before-start)");
  shop.clock.advance(2h);
  CHECK(shop.runs.starts() == 0);
  CHECK(shop.scheduler.books() == Books());  // nothing was due
}

TEST_CASE("a run that waits for its place is taken out of the queue", "[scheduler][interrupt]") {
  ServicePolicy one_at_a_time;
  one_at_a_time.max_running = 1;
  Workshop shop(one_at_a_time);
  shop.submit("now + 10s", "first");
  shop.submit("now + 10s", "second");
  shop.submit("now + 10s", "third");
  CHECK(shop.scheduler.books().waiting == 2);
  CHECK(shop.scheduler.interrupt("alice", "second").kind() == "exception");
  shop.runs.finish(1);
  shop.clock.settle();
  CHECK(shop.runs.starts() == 2);
  shop.runs.finish(3);
  CHECK(count_of(shop.redeem("third")) == 3);
  const Books books = shop.scheduler.books();
  CHECK(books.count(Reason::InterruptedBeforeStart) == 1);
  CHECK(books.done == 2);
  CHECK(books.balance());
}

TEST_CASE("interrupting what has ended changes nothing", "[scheduler][interrupt]") {
  Workshop shop;
  shop.submit("now + 10s");
  shop.runs.finish(4);
  CHECK(count_of(shop.scheduler.interrupt("alice", "t")) == 4);
  CHECK(shop.scheduler.books().interrupted == 0);
}

TEST_CASE("what is not known cannot be redeemed, interrupted or awaited",
          "[scheduler][interrupt]") {
  Workshop shop;
  shop.submit("now + 10s");
  CHECK_THROWS_AS(shop.redeem("nope"), Error);
  CHECK_THROWS_AS(shop.redeem("t", "bob"), Error);
  CHECK_THROWS_AS(shop.scheduler.interrupt("bob", "t"), Error);
  CHECK_THROWS_AS(shop.scheduler.await("bob", "t", 1s, [](auto&&) {}), Error);
  CHECK_THROWS_AS(shop.scheduler.books("bob", "t"), Error);
}

TEST_CASE("a run that no scope ends is asked to stop when it takes too long",
          "[scheduler][interrupt]") {
  ServicePolicy policy;
  policy.longest = 10s;
  Workshop shop(policy);
  SECTION("if it is for now") {
    shop.submit("now");
    shop.clock.advance(9s);
    CHECK_FALSE(shop.runs.is_asked_to_stop());
    shop.clock.advance(1s);
    CHECK(shop.runs.is_asked_to_stop());
  }
  SECTION("not if it was asked to go on for ever") {
    shop.submit("now ... future");
    shop.clock.advance(1h);
    CHECK_FALSE(shop.runs.is_asked_to_stop());
  }
}

TEST_CASE("a run is asked to stop some grace after its scope has ended", "[scheduler][interrupt]") {
  ServicePolicy policy;
  policy.grace = 500ms;
  Workshop shop(policy);
  shop.submit("now + 10s");
  shop.clock.advance(10s + 499ms);
  CHECK_FALSE(shop.runs.is_asked_to_stop());
  shop.clock.advance(1ms);
  CHECK(shop.runs.is_asked_to_stop());
  shop.runs.finish(1);
  const Books books = shop.scheduler.books();
  CHECK(books.done == 1);
  CHECK(books.count(Reason::ScopeEnded) == 1);
}

TEST_CASE("a run with an open scope or a single time is not asked to stop",
          "[scheduler][interrupt]") {
  for (const char* when : {"now", "now ... future", "past ... future"}) {
    Workshop shop;
    shop.submit(when);
    shop.clock.advance(24h);
    CHECK_FALSE(shop.runs.is_asked_to_stop());
  }
}

TEST_CASE("a service that ignores its stop for ten seconds is named", "[scheduler][interrupt]") {
  Workshop shop;
  shop.submit("now ... future");
  shop.scheduler.interrupt("alice", "t");
  shop.clock.advance(9s);
  CHECK(shop.log().empty());
  shop.clock.advance(1s);
  const auto log = shop.log();
  REQUIRE(log.size() == 1);
  CHECK(log[0].severity == Severity::Warning);
  const LogRecord::Field service{"service", "ping"};
  CHECK(std::find(log[0].fields.begin(), log[0].fields.end(), service) != log[0].fields.end());
  CHECK(shop.scheduler.books().running == 1);  // it still has its place
  shop.runs.finish(1);
  CHECK(shop.scheduler.books().interrupted == 1);
}

TEST_CASE("an interrupted repeated job keeps its results", "[scheduler][interrupt]") {
  Workshop shop;
  shop.submit("repeat now ... future / 1s");
  shop.runs.finish(1);
  shop.clock.advance(1s);
  shop.scheduler.interrupt("alice", "t");
  shop.runs.finish(2);
  shop.clock.advance(1min);
  CHECK(shop.runs.starts() == 2);
  const Message message = shop.redeem();
  REQUIRE(message.find<Envelope>() != nullptr);
  CHECK(message.find<Envelope>()->size() == 2);
}

TEST_CASE("a hundred thousand runs are interrupted at once", "[scheduler][interrupt]") {
  Workshop shop;
  const int count = kThreadSanitizer ? 10'000 : 100'000;
  const Specification asked = ask(shop.capability, "now ... future", "t");
  for (int i = 0; i < count; ++i) {
    shop.scheduler.submit("alice", asked.with_token(std::to_string(i)));
  }
  for (int i = 0; i < count; ++i) shop.scheduler.interrupt("alice", std::to_string(i));
  bool all_asked = true;
  for (int i = 0; i < count; ++i) all_asked = all_asked && shop.runs.take().stop.stop_requested();
  CHECK(all_asked);
  const Books books = shop.scheduler.books();
  CHECK(books.interrupted == count);
  CHECK(books.balance());
}
