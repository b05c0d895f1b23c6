#include "mplane/probe/round_trip.hpp"

#include <chrono>
#include <optional>
#include <string>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;

namespace {

/// A moment that many microseconds in, on clocks that show different times.
ClockReading reading(nanoseconds in, nanoseconds step = 0ns) {
  return {WallTime(1'700'000'000s) + in + step, SteadyTime(5'000s) + in};
}

WallTime stamp(nanoseconds in) { return WallTime(1'700'000'000s) + in; }

}  // namespace

TEST_CASE("a delay is taken from the best stamps there are", "[delay]") {
  struct Row {
    std::string what;
    std::optional<WallTime> left;
    std::optional<WallTime> came;
    nanoseconds step;
    nanoseconds delay;
    DelayStamps stamps;
  };
  // Handed over at 0, left at 5, came at 25 and was read at 40 microseconds.
  const auto row = GENERATE(values<Row>({
      {"both stamps", stamp(5us), stamp(25us), 0us, 20us, DelayStamps::Kernel},
      {"no stamp of the request", {}, stamp(25us), 0us, 25us, DelayStamps::KernelReceive},
      {"no stamp of the reply", stamp(5us), {}, 0us, 40us, DelayStamps::User},
      {"no stamp", {}, {}, 0us, 40us, DelayStamps::User},
      {"clock set forward", stamp(5us), stamp(25us), 3s, 40us, DelayStamps::User},
      {"clock set back", stamp(5us), stamp(25us), -3s, 40us, DelayStamps::User},
      {"readings a little apart", stamp(5us), stamp(25us), 10us, 20us, DelayStamps::Kernel},
      {"came before it left", stamp(25us), stamp(5us), 0us, 40us, DelayStamps::User},
      {"came after it was read", stamp(5us), stamp(1s), 0us, 40us, DelayStamps::User},
  }));
  CAPTURE(row.what);
  const RoundTrip trip = round_trip({.handed_over = reading(0us), .stamp = row.left},
                                    {.read = reading(40us, row.step), .stamp = row.came});
  CHECK(trip.delay == row.delay);
  CHECK(trip.stamps == row.stamps);
}

TEST_CASE("both clocks are read at about the same time", "[delay]") {
  const ClockReading first = ClockReading::now();
  const ClockReading second = ClockReading::now();
  const auto apart = (second.wall - first.wall) - (second.steady - first.steady);
  CHECK(std::chrono::abs(apart) < 1ms);
}
