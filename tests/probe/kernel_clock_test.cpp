#include "mplane/probe/kernel_clock.hpp"

#include <chrono>
#include <sys/timex.h>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;

TEST_CASE("the kernel's word on its clock is understood") {
  struct Row {
    int answer;
    int status;
    long offset;
    bool synchronised;
    Duration corrects;
  };
  for (const Row& row : {
           Row{TIME_OK, STA_PLL, -250, true, -250us},
           Row{TIME_OK, STA_PLL | STA_NANO, -250'000, true, -250us},
           Row{TIME_INS, STA_PLL | STA_INS, 7, true, 7us},
           Row{TIME_OK, STA_UNSYNC, 0, false, 0us},
           Row{TIME_ERROR, STA_UNSYNC | STA_NANO, 3'000, false, 3us},
           Row{TIME_ERROR, STA_PLL, 3'000, false, 3ms},
       }) {
    timex state{};
    state.status = row.status;
    state.offset = row.offset;
    state.maxerror = 30'000;
    state.esterror = 40;
    const KernelClock clock = KernelClock::of(state, row.answer);
    CHECK(clock.synchronised == row.synchronised);
    CHECK(clock.offset == row.corrects);
    CHECK(clock.bound == 30ms);
    CHECK(clock.estimate == 40us);
  }
}

TEST_CASE("a clock's error is never less than nothing") {
  timex state{};
  state.maxerror = -1;
  state.esterror = -1;
  const KernelClock clock = KernelClock::of(state, TIME_OK);
  CHECK(clock.bound == 0us);
  CHECK(clock.estimate == 0us);
}
