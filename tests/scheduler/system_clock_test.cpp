#include "mplane/scheduler/clock.hpp"

#include <thread>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;

TEST_CASE("an alarm waits for its deadline, not for less", "[clock]") {
  const SystemClock clock;
  const auto alarm = clock.make_alarm();
  const auto deadline = clock.steady() + 5ms;
  alarm->wait_until(deadline);
  CHECK(clock.steady() >= deadline);
}

TEST_CASE("a deadline that has passed is not waited for", "[clock]") {
  const SystemClock clock;
  const auto alarm = clock.make_alarm();
  for (const auto deadline :
       {std::chrono::nanoseconds(0), std::chrono::nanoseconds(-5), clock.steady()}) {
    alarm->wait_until(deadline);  // or the test never ends
  }
  SUCCEED();
}

TEST_CASE("a ring ends the wait, before it and during it", "[clock]") {
  const SystemClock clock;
  const auto alarm = clock.make_alarm();
  alarm->ring();
  alarm->wait_until(Alarm::kNever);
  std::thread ringer([&] { alarm->ring(); });
  alarm->wait_until(Alarm::kNever);
  ringer.join();
  const auto deadline = clock.steady() + 1ms;
  alarm->wait_until(deadline);  // no ring is left over
  CHECK(clock.steady() >= deadline);
}

TEST_CASE("both clocks go forward", "[clock]") {
  const SystemClock clock;
  const auto steady = clock.steady();
  CHECK(clock.steady() >= steady);
  CHECK(clock.now() > Time::parse("2020-01-01").instant());
}
