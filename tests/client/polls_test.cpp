// When components are to ask for work, without a network and at times of our own.

#include "client/desk.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

TEST_CASE("the old SDK's component is told a delay, behind everything else",
          "[client][registrations]") {
  Desk desk({.interval = 30s});
  desk.enroll("old", {loopback_capability(), kOldCallback});
  const auto token = desk.submit("old");
  CHECK(desk.fetch("old") == Texts{"specification " + token, "callback now + 30s"});
  desk.pass(89s);
  CHECK(desk.offers().size() == 1);
  desk.pass(2s);
  CHECK(desk.offers().empty());
}

TEST_CASE("a patient component's poll is held until there is work", "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability(), kCallback});
  const auto poll = desk.poll("a");
  CHECK_FALSE(poll->answered);
  desk.pass(19s);
  CHECK_FALSE(poll->answered);
  const auto token = desk.submit("a");
  REQUIRE(poll->answered);
  CHECK(Desk::contents(poll->envelope) == Texts{"specification " + token, "callback now"});
  CHECK(desk.offers().size() == 1);

  desk.send("a", loopback_message("receipt", token));
  const auto idle = desk.poll("a");
  desk.pass(20s);
  REQUIRE(idle->answered);
  CHECK(Desk::contents(idle->envelope) == Texts{"callback now"});
  desk.pass(9s);
  CHECK(desk.offers().size() == 1);
  desk.pass(1s);
  CHECK(desk.offers().empty());
}

TEST_CASE("a poll that nobody waits for any more takes nothing with it",
          "[client][registrations]") {
  Desk desk;
  desk.enroll("a", {loopback_capability(), kCallback});
  const auto lost = desk.poll("a");
  lost->gone.request_stop();
  const auto token = desk.submit("a");
  CHECK_FALSE(lost->answered);
  CHECK(desk.fetch("a") == Texts{"specification " + token, "callback now"});

  const auto before = desk.poll("a");
  const auto anew = desk.poll("a");
  CHECK(before->answered);
  CHECK(before->envelope.empty());
  CHECK_FALSE(anew->answered);
}

TEST_CASE("components are told to come so seldom that all keep the rate",
          "[client][registrations]") {
  Desk desk({.interval = 5s, .hold = 0s, .polls_per_second = 2});
  for (int i = 0; i < 40; ++i) {
    desk.enroll("old-" + std::to_string(i), {loopback_capability(), kOldCallback});
    desk.enroll("new-" + std::to_string(i), {loopback_capability(), kCallback});
  }
  CHECK(desk.fetch("old-7") == Texts{"callback now + 40s"});
  const std::string then = "2026-11-22 09:00:40.000000";
  CHECK(desk.fetch("new-7") == Texts{"callback " + then + " ... " + then});
}

TEST_CASE("what nobody wants any more does not wait for a poll", "[client][registrations]") {
  detail::Errands errands;
  Effects effects;
  for (int i = 0; i < 1000; ++i) {
    const std::string token = "t" + std::to_string(i);
    errands.add(ask_for(loopback()).with_token(token), [](const std::optional<Message>&) {});
    CHECK(errands.has_work());
    if (i % 2 == 0) CHECK(errands.interrupt(token, effects));
    if (i % 2 == 1) CHECK(errands.forget(token));
    CHECK_FALSE(errands.has_work());
  }
  CHECK(errands.empty());

  // Nor does an interrupt of what has ended by itself.
  errands.add(ask_for(loopback()).with_token("fetched"), [](const std::optional<Message>&) {});
  CHECK(errands.fetch({}, {}).size() == 1);
  CHECK(errands.interrupt("fetched", effects));
  CHECK(errands.has_work());
  errands.take(decode(loopback_result("fetched"), registry()), effects);
  CHECK_FALSE(errands.has_work());
}

TEST_CASE("polls of all together keep a stated rate, and urgent work gets out nevertheless",
          "[client][registrations]") {
  // 50 components that wait for their answers, 10 polls a second in all, none held.
  Desk desk({.hold = 0s, .polls_per_second = 10, .expiry = 60s});
  constexpr int kComponents = 50;
  std::vector<Duration> next(kComponents);  // when each comes back, as it was told
  for (int i = 0; i < kComponents; ++i) {
    desk.enroll("c" + std::to_string(i), {loopback_capability(), kCallback});
  }
  int polls = 0;
  constexpr auto kStep = 100ms;
  constexpr auto kFor = 100s;
  for (Duration now(0); now < kFor; now += kStep) {
    for (int i = 0; i < kComponents; ++i) {
      if (next[static_cast<std::size_t>(i)] > now) continue;
      const auto poll = desk.poll("c" + std::to_string(i));
      REQUIRE(poll->answered);
      ++polls;
      const auto& callback = poll->envelope.messages().back();
      const When& when = callback.statement()->when();
      const Duration delay = when.is_definite() ? when.start().instant() - desk.today() : 0s;
      next[static_cast<std::size_t>(i)] = now + delay;
    }
    desk.pass(kStep);
  }
  // Each comes at once when it has registered; that first round apart the rate is kept.
  CHECK(polls - kComponents <= 1000);
  CHECK(polls >= 900);
}
