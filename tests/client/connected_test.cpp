// What becomes of components that we connect to, without a network and at times of our own.

#include "client/desk.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

TEST_CASE("one that we connect to offers what it offered last", "[client][registrations]") {
  Desk desk({.look = 5s});
  CHECK(desk.offer("one", {loopback()}).empty());
  CHECK(desk.offer("one", {loopback()}).empty());
  CHECK(desk.told == std::vector<std::string>{"+test-loopback@one"});
  CHECK(desk.offer("one", {}).empty());
  CHECK(desk.told.back() == "-test-loopback@one");
  CHECK(desk.offer("one", {loopback().with_label("not a label")}).size() == 1);
  CHECK(desk.offers().empty());
}

TEST_CASE("one that we connect to is gone when three looks have failed",
          "[client][registrations]") {
  Desk desk({.look = 5s});
  desk.offer("one", {loopback()});
  desk.pass(14s);
  CHECK_FALSE(desk.offers().empty());
  desk.offer("one", {loopback()});
  desk.pass(14s);
  CHECK_FALSE(desk.offers().empty());
  desk.pass(2s);
  CHECK(desk.offers().empty());
}

TEST_CASE("who registers is not connected to, and the other way round", "[client][registrations]") {
  Desk desk;
  CHECK_FALSE(desk.await("one")->registered);
  desk.offer("one", {loopback()});
  const auto awaited = desk.await("one");
  CHECK_FALSE(awaited->answered);
  CHECK_FALSE(desk.poll("one")->registered);  // it has to register before it polls
  desk.enroll("one", {loopback_capability()});
  CHECK(awaited->answered);
  CHECK_FALSE(desk.await("one")->registered);
  CHECK(desk.poll("one")->registered);
  CHECK_THROWS_AS(desk.offer("one", {loopback()}), Error);
  CHECK(desk.offers() == std::vector<std::string>{"test-loopback@one"});
}

TEST_CASE("what is beyond the limit of one that we connect to is refused in one word",
          "[client][registrations]") {
  Desk desk({}, {.capabilities = 2});
  std::vector<Capability> all;
  for (int i = 0; i < 5; ++i) all.push_back(loopback().with_label("number-" + std::to_string(i)));
  CHECK(desk.offer("one", all) ==
        Texts{"5 capabilities are offered, of which the first 2 are taken"});
  CHECK(desk.offers() == Texts{"number-0@one", "number-1@one"});
  all.erase(all.begin());
  all.pop_back();
  all.pop_back();
  CHECK(desk.offer("one", all).empty());
  CHECK(desk.offers() == Texts{"number-1@one", "number-2@one"});
}

TEST_CASE("one component is connected to at one URL", "[client][registrations]") {
  Desk desk({.expiry = 1s, .look = 1s});
  desk.offer("one", {loopback()});
  const auto awaited = desk.await("one");
  const auto refused =
      error_of([&] { desk.offer("one", {}, "http://elsewhere.example.org/capability"); });
  CHECK(refused.kind() == ErrorKind::Refused);
  CHECK_THAT(refused.message(), Catch::Contains("connected to at " + kOneUrl + " already"));
  CHECK_FALSE(desk.await("one", "http://elsewhere.example.org/capability")->registered);
  CHECK_FALSE(awaited->answered);  // nobody took its place
  CHECK(desk.offers() == Texts{"test-loopback@one"});
  desk.pass(1h);  // it is gone, and then may be found elsewhere
  desk.offer("one", {loopback()}, "http://elsewhere.example.org/capability");
  CHECK_FALSE(desk.await("one", "http://elsewhere.example.org/capability")->answered);
  CHECK_THROWS_AS(desk.offer("one", {}), Error);
}

TEST_CASE("one that we connect to is seen when it answers, not when we wait",
          "[client][registrations]") {
  Desk desk({.look = 1h});
  desk.offer("one", {loopback()});
  desk.pass(2s);
  desk.await("one");
  const std::string token = desk.submit("one");
  CHECK(desk.components().at(0).unseen == Duration(2s));
  desk.send("one", loopback_message("receipt", token));
  CHECK(desk.components().at(0).unseen == Duration(0));
}

TEST_CASE("what one is to be told that we connect to comes at once", "[client][registrations]") {
  Desk desk({.hold = 0s});
  desk.offer("one", {loopback()});
  const auto awaited = desk.await("one");
  CHECK_FALSE(awaited->answered);  // however polls are held
  const std::string token = desk.submit("one");
  CHECK(Desk::contents(awaited->envelope) == std::vector<std::string>{"specification " + token});
}
