#include "scheduler/workshop.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

TEST_CASE("a result is kept for a week until it is fetched, and then for an hour",
          "[scheduler][results]") {
  Workshop shop;
  shop.submit("now");
  shop.runs.finish(1);
  shop.clock.advance(7 * 24h - 1s);
  CHECK(count_of(shop.redeem()) == 1);
  shop.clock.advance(1h - 1s);
  CHECK(count_of(shop.redeem()) == 1);  // fetching it again does not make it last
  shop.clock.advance(1s);
  CHECK_THROWS_AS(shop.redeem(), Error);
}

TEST_CASE("a result that nobody fetches is forgotten after a week", "[scheduler][results]") {
  Workshop shop;
  shop.submit("now");
  shop.runs.finish(1);
  shop.clock.advance(7 * 24h);
  CHECK_THROWS_AS(shop.redeem(), Error);
}

TEST_CASE("when results take too much room the oldest go, fetched ones first",
          "[scheduler][results]") {
  SchedulerOptions options;
  options.results.max_bytes = 3 * 600;
  Workshop shop({}, options);
  const auto run = [&](const std::string& token) {
    shop.submit("now", token);
    shop.runs.finish(1);
  };
  const auto is_kept = [&](const std::string& token) {
    try {
      shop.scheduler.books("alice", token);
      return true;
    } catch (const Error&) {
      return false;
    }
  };
  run("a");
  run("b");
  run("c");
  shop.redeem("b");
  run("d");
  CHECK(is_kept("a"));
  CHECK_FALSE(is_kept("b"));
  run("e");
  CHECK_FALSE(is_kept("a"));
  CHECK(is_kept("c"));
  CHECK(is_kept("d"));
  CHECK(is_kept("e"));
}

TEST_CASE("results of jobs that go on count, and their oldest go", "[scheduler][results]") {
  SchedulerOptions options;
  options.results.max_bytes = 4 * 600;
  Workshop shop({}, options);
  const auto results = [&](const std::string& owner) {
    std::vector<std::uint64_t> counts;
    const Message message = shop.redeem("t", owner);
    const auto* const envelope = message.find<Envelope>();
    if (envelope == nullptr) return counts;
    for (const Message& one : envelope->messages()) counts.push_back(count_of(one));
    return counts;
  };
  shop.submit("now", "ended");
  shop.runs.finish(9);
  shop.submit("repeat now ... future / 10s", "t", "alice");
  for (std::uint64_t run = 1; run <= 6; ++run) {
    shop.runs.finish(run);
    shop.clock.advance(10s);
  }
  CHECK_THROWS_AS(shop.redeem("ended"), Error);  // what has ended goes first
  CHECK(results("alice") == std::vector<std::uint64_t>{3, 4, 5, 6});
  shop.submit("repeat now ... future / 1h", "t", "bob");
  shop.runs.finish(7);  // alice's seventh
  shop.runs.finish(1);
  CHECK(results("alice") == std::vector<std::uint64_t>{5, 6, 7});
  CHECK(results("bob") == std::vector<std::uint64_t>{1});
  shop.scheduler.interrupt("alice", "t");
  CHECK(results("alice").size() == 3);  // its end alone needs no room
  CHECK(shop.scheduler.books().balance());
}

TEST_CASE("awaiting calls back once, when it ends or the time has passed", "[scheduler][results]") {
  Workshop shop;
  std::vector<std::string> kinds;
  const auto note = [&](const Message& message) { kinds.emplace_back(message.kind()); };
  shop.submit("now + 10s");
  SECTION("when it ends") {
    shop.scheduler.await("alice", "t", 5s, note);
    shop.clock.advance(4s);
    CHECK(kinds.empty());
    shop.runs.finish(1);
    CHECK(kinds == std::vector<std::string>{"result"});
    shop.clock.advance(10s);
    CHECK(kinds.size() == 1);
  }
  SECTION("when the time has passed") {
    shop.scheduler.await("alice", "t", 5s, note);
    shop.clock.advance(5s);
    CHECK(kinds == std::vector<std::string>{"receipt"});
    shop.runs.finish(1);
    CHECK(kinds.size() == 1);
  }
  SECTION("at once, when it has ended") {
    shop.runs.finish(1);
    shop.scheduler.await("alice", "t", 5s, note);
    CHECK(kinds == std::vector<std::string>{"result"});
  }
  SECTION("at once, when there is no time") {
    shop.scheduler.await("alice", "t", 0s, note);
    CHECK(kinds == std::vector<std::string>{"receipt"});
  }
  SECTION("each of several") {
    shop.scheduler.await("alice", "t", 5s, note);
    shop.scheduler.await("alice", "t", 6s, note);
    shop.runs.finish(1);
    CHECK(kinds == std::vector<std::string>{"result", "result"});
  }
}

TEST_CASE("what a callback throws is logged and ends nothing else", "[scheduler][results]") {
  Workshop shop;
  shop.submit("now + 10s");
  shop.scheduler.await("alice", "t", 5s,
                       [](const Message&) { throw std::runtime_error("no connection"); });
  shop.runs.finish(1);
  REQUIRE(shop.log().size() == 1);
  CHECK(shop.log()[0].fields[0].second == "no connection");
  CHECK(count_of(shop.redeem()) == 1);
}
