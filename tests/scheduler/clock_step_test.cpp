#include "scheduler/workshop.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

ServicePolicy missed(Missed policy) {
  ServicePolicy parallel;
  parallel.overlap = Overlap::Parallel;
  parallel.missed = policy;
  return parallel;
}

}  // namespace

TEST_CASE("what is relative does not heed a step of the clock", "[scheduler][step]") {
  for (const Duration step : {Duration(1h), Duration(-1h)}) {
    Workshop shop(missed(Missed::Skip));
    shop.submit("repeat now + 30s / 10s");
    shop.clock.advance(5s);
    shop.clock.step(step);
    CHECK(shop.runs.starts() == 1);
    shop.clock.advance(25s);
    CHECK(shop.runs.starts() == 4);
    CHECK(shop.scheduler.books().missed == 0);
  }
}

TEST_CASE("a start that the clock steps over is missed", "[scheduler][step]") {
  Workshop shop(missed(Missed::Skip));
  shop.submit("repeat 2015-06-01 12:00:00 ... future / 1m");
  CHECK(shop.runs.starts() == 1);
  shop.clock.step(59min + 30s);
  CHECK(shop.runs.starts() == 1);
  Books books = shop.scheduler.books("alice", "t");
  CHECK(books.missed == 59);
  CHECK(books.count(Reason::ClockStep) == 59);
  CHECK(books.balance());
  shop.clock.advance(30s);
  CHECK(shop.runs.starts() == 2);
}

TEST_CASE("one run can make up for all that were missed", "[scheduler][step]") {
  Workshop shop(missed(Missed::Once));
  shop.submit("repeat 2015-06-01 12:00:00 ... future / 1m");
  shop.clock.step(59min + 30s);
  CHECK(shop.runs.starts() == 2);
  const Books books = shop.scheduler.books("alice", "t");
  CHECK(books.missed == 58);
  CHECK(books.planned == 60);
  CHECK(books.balance());
}

TEST_CASE("no start is run twice when the clock is set back", "[scheduler][step]") {
  Workshop shop(missed(Missed::Skip));
  shop.submit("repeat 2015-06-01 12:00:00 ... future / 1m");
  shop.clock.advance(10min);
  CHECK(shop.runs.starts() == 11);
  shop.clock.step(-1h);
  shop.clock.advance(1h);
  CHECK(shop.runs.starts() == 11);
  shop.clock.advance(1min);
  CHECK(shop.runs.starts() == 12);
  CHECK(shop.scheduler.books().planned == 12);
}

TEST_CASE("a timestamp comes sooner when the clock is set forward", "[scheduler][step]") {
  Workshop shop;
  shop.submit("2015-06-01 13:00:00 + 10s");
  shop.clock.step(30min);
  shop.clock.advance(29min + 59s);
  CHECK(shop.runs.starts() == 0);
  shop.clock.advance(1s);
  CHECK(shop.runs.starts() == 1);
}

TEST_CASE("a single run that was stepped over is missed, and says so", "[scheduler][step]") {
  struct Case {
    std::string when;
    Missed policy;
    std::size_t starts;
  };
  const std::vector<Case> cases{
      {"2015-06-01 12:30:00", Missed::Skip, 0},
      {"2015-06-01 12:30:00", Missed::Once, 1},
      {"2015-06-01 12:30:00 + 1m", Missed::Skip, 0},
      {"2015-06-01 12:30:00 + 1m", Missed::Once, 0},  // its scope is over
      {"2015-06-01 12:30:00 + 2h", Missed::Skip, 1},  // its scope is not
      {"2015-06-01 12:30:00 ... future", Missed::Skip, 1},
  };
  for (const Case& c : cases) {
    CAPTURE(c.when);
    Workshop shop(missed(c.policy));
    shop.submit(c.when);
    shop.clock.step(1h);
    CHECK(shop.runs.starts() == c.starts);
    const Books books = shop.scheduler.books();
    CHECK(books.planned == 1);
    CHECK(books.missed == 1 - c.starts);
    CHECK(books.balance());
    const Message message = shop.redeem();
    CHECK(message.kind() == (c.starts == 1 ? "receipt" : "exception"));
  }
}

TEST_CASE("a process that was suspended misses its starts and goes on", "[scheduler][step]") {
  Workshop shop(missed(Missed::Skip));
  shop.submit("repeat now ... future / 5s", "steady");
  shop.submit("repeat 2015-06-01 12:00:00 ... future / 5s", "wall");
  CHECK(shop.runs.starts() == 2);
  shop.clock.suspend(32s);
  for (const char* token : {"steady", "wall"}) {
    const Books books = shop.scheduler.books("alice", token);
    CHECK(books.missed == 6);
    CHECK(books.count(Reason::Late) == 6);
    CHECK(books.balance());
  }
  shop.clock.advance(3s);
  CHECK(shop.runs.starts() == 4);
}

TEST_CASE("a start that is a little late runs, and its lateness is recorded", "[scheduler][step]") {
  Workshop shop(missed(Missed::Skip));
  shop.submit("repeat now ... future / 5s");
  shop.clock.suspend(5s + 400ms);
  CHECK(shop.runs.starts() == 2);
  const Lateness lateness = shop.scheduler.lateness();
  CHECK(lateness.count() == 2);
  CHECK(lateness.max() == 400ms);
}
