#include "mplane/scheduler/clock.hpp"

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>
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

namespace {

constexpr const char* kAhead = "what a clock in a machine that has slept shows";

/// The clock of the time of day, set to what it shows. Whether that is permitted.
bool set_to_now() {
  timespec now{};
  return ::clock_gettime(CLOCK_REALTIME, &now) == 0 && ::clock_settime(CLOCK_REALTIME, &now) == 0;
}

}  // namespace

TEST_CASE("a clock that is set ends the wait", "[clock]") {
  if (!set_to_now()) {
    WARN("not permitted to set the clock");
    return;
  }
  const SystemClock clock;
  const auto alarm = clock.make_alarm();
  std::atomic<bool> over = false;
  std::thread setter([&] {
    while (!over) set_to_now();
  });
  alarm->wait_until(Alarm::kNever);  // or the test never ends
  over = true;
  setter.join();
  SUCCEED();
}

TEST_CASE(kAhead, "[.]") {
  const SystemClock clock;
  const auto steady = std::chrono::steady_clock::now().time_since_epoch();
  CHECK(clock.steady() - steady > 100'000s);
  const auto alarm = clock.make_alarm();
  const auto deadline = clock.steady() + 5ms;
  alarm->wait_until(deadline);  // would take a day on a clock that does not go on in sleep
  CHECK(clock.steady() >= deadline);
}

// A sleep of the machine makes CLOCK_BOOTTIME run ahead of CLOCK_MONOTONIC, as does a namespace.
TEST_CASE("the steady clock and its alarms count the machine's sleep", "[clock]") {
  const std::string in_namespace = "unshare --fork --time --boottime=200000 ";
  if (std::system((in_namespace + "true 2>/dev/null").c_str()) != 0) {
    WARN("not permitted to make a namespace for time");
    return;
  }
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  const std::string test = "timeout 20 '" + self + "' '" + kAhead + "' >/dev/null";
  CHECK(std::system((in_namespace + test).c_str()) == 0);
}
