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

TEST_CASE("what one is to be told that we connect to comes at once", "[client][registrations]") {
  Desk desk({.hold = 0s});
  desk.offer("one", {loopback()});
  const auto awaited = desk.await("one");
  CHECK_FALSE(awaited->answered);  // however polls are held
  const std::string token = desk.submit("one");
  CHECK(Desk::contents(awaited->envelope) == std::vector<std::string>{"specification " + token});
}
