#include "mplane/probe/round_trip.hpp"

namespace mplane {
namespace {

using std::chrono::nanoseconds;

// Both clocks run at the same rate, slewing included. What is above this is a step, or a thread
// that was held up between two readings, and then the steady clock is right as well.
constexpr nanoseconds kStep = std::chrono::microseconds(50);

}  // namespace

ClockReading ClockReading::now() noexcept {
  constexpr nanoseconds kTogether = std::chrono::microseconds(2);
  constexpr int kAttempts = 4;
  ClockReading reading{};
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const SteadyTime before = std::chrono::steady_clock::now();
    reading.wall = std::chrono::system_clock::now();
    reading.steady = std::chrono::steady_clock::now();
    if (reading.steady - before <= kTogether) break;
  }
  return reading;
}

bool was_set_between(const ClockReading& before, const ClockReading& after) noexcept {
  const nanoseconds steady = after.steady - before.steady;
  const nanoseconds wall = after.wall - before.wall;
  return wall - steady > kStep || wall - steady < -kStep;
}

RoundTrip round_trip(const Departure& departure, const Arrival& arrival) noexcept {
  const nanoseconds steady = arrival.read.steady - departure.handed_over.steady;
  const RoundTrip by_hand{.delay = steady, .stamps = DelayStamps::User};
  if (!arrival.stamp || was_set_between(departure.handed_over, arrival.read)) return by_hand;
  const WallTime left = departure.stamp.value_or(departure.handed_over.wall);
  const nanoseconds delay = *arrival.stamp - left;
  if (delay < nanoseconds(0) || delay > steady + kStep) return by_hand;
  return {.delay = delay,
          .stamps = departure.stamp ? DelayStamps::Kernel : DelayStamps::KernelReceive};
}

}  // namespace mplane
