#include "mplane/tools/signal_queue.hpp"

#include <chrono>
#include <csignal>

#include <catch2/catch.hpp>

using namespace mplane;
using Clock = std::chrono::steady_clock;

TEST_CASE("signals wait until they are taken, and waiting ends in time") {
  const SignalQueue signals({SIGHUP, SIGUSR1});
  CHECK_FALSE(signals.wait_until(Clock::now()));
  raise(SIGUSR1);
  raise(SIGHUP);
  const auto later = Clock::now() + std::chrono::minutes(1);
  const auto first = signals.wait_until(later);
  const auto second = signals.wait_until(later);
  CHECK(first != second);
  CHECK((first == SIGHUP || first == SIGUSR1));
  CHECK((second == SIGHUP || second == SIGUSR1));
  const auto begin = Clock::now();
  CHECK_FALSE(signals.wait_until(begin + std::chrono::milliseconds(20)));
  CHECK(Clock::now() - begin >= std::chrono::milliseconds(20));
}
