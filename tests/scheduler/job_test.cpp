#include "scheduler/workshop.hpp"

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

TEST_CASE("what is asked for at once starts at once", "[scheduler]") {
  Workshop shop;
  const Receipt receipt = shop.submit("now + 3s");
  CHECK(receipt.token() == "t");
  CHECK(shop.runs.starts() == 1);
  CHECK(shop.redeem().kind() == "receipt");
}

TEST_CASE("a run becomes a result with the token, the label and a definite scope", "[scheduler]") {
  Workshop shop;
  shop.submit("now + 3s");
  shop.clock.advance(3s);
  shop.runs.finish(7);
  const Message message = shop.redeem();
  REQUIRE(message.find<Result>() != nullptr);
  CHECK(message.token() == "t");
  CHECK(message.label() == "ping");
  CHECK(count_of(message) == 7);
  CHECK(to_string(message.statement()->when()) ==
        "2015-06-01 12:00:00.000000 ... 2015-06-01 12:00:03.000000");
}

TEST_CASE("a start in the future waits for its time", "[scheduler]") {
  Workshop shop;
  shop.submit("2015-06-01 12:00:10 + 5s");
  shop.clock.advance(10s - 1us);
  CHECK(shop.runs.starts() == 0);
  CHECK(shop.scheduler.books().planned == 0);
  shop.clock.advance(1us);
  CHECK(shop.runs.starts() == 1);
}

TEST_CASE("what is over is refused", "[scheduler]") {
  Workshop shop;
  for (const char* when : {"2014-01-01 ... 2014-01-02", "2015-06-01 11:59:59", "past"}) {
    CAPTURE(when);
    CHECK_THROWS_AS(shop.submit(when), Error);
  }
  CHECK(shop.scheduler.books() == Books());
}

TEST_CASE("a token belongs to its owner", "[scheduler]") {
  Workshop shop;
  shop.submit("now + 3s", "t", "alice");
  CHECK_THROWS_AS(shop.redeem("t", "bob"), Error);
  shop.submit("now + 3s", "t", "bob");
  CHECK(shop.runs.starts() == 2);
  shop.runs.finish(1);
  shop.runs.finish(2);
  CHECK(count_of(shop.redeem("t", "alice")) == 1);
  CHECK(count_of(shop.redeem("t", "bob")) == 2);
}

TEST_CASE("the same token again changes nothing while the first lasts", "[scheduler]") {
  Workshop shop;
  shop.submit("now + 3s");
  const Receipt again = shop.submit("now + 99s");
  CHECK(to_string(again.when()) == "now + 3s");
  std::string told;
  shop.scheduler.submit("alice", ask(shop.capability, "now + 99s", "t"), {},
                        [&](const Scheduler::Submission& submission) {
                          told = to_string(std::get<Receipt>(submission).when());
                        });
  CHECK(told == "now + 3s");
  CHECK(shop.runs.starts() == 1);
}

TEST_CASE("a relative scope asked for again after its end is a new run", "[scheduler]") {
  Workshop shop;
  shop.submit("now + 3s");
  shop.runs.finish(1);
  shop.submit("now + 3s");
  CHECK(shop.redeem().kind() == "receipt");
  shop.runs.finish(2);
  CHECK(count_of(shop.redeem()) == 2);
}

TEST_CASE("an interrupted run returns what it has", "[scheduler]") {
  Workshop shop;
  shop.submit("now ... future");
  CHECK(shop.scheduler.interrupt("alice", "t").kind() == "receipt");
  CHECK(shop.runs.is_asked_to_stop());
  shop.runs.finish(5);
  CHECK(count_of(shop.redeem()) == 5);
  CHECK(shop.scheduler.books().interrupted == 1);
}
