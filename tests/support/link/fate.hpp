#pragma once

#include <chrono>
#include <cstdint>

namespace mplane::test {

/// What a link does to the packets of one direction. Chances are from 0 to 1.
struct Impairment {
  std::chrono::nanoseconds delay{0};
  double loss = 0;
  double duplicate = 0;
  double reorder = 0;  ///< chance of being held back, so that later packets overtake it
  std::chrono::nanoseconds reorder_by = std::chrono::milliseconds(5);  ///< how long, beyond delay
};

/// What happens to one packet.
struct Fate {
  bool dropped = false;
  bool duplicated = false;
  bool held_back = false;

  friend bool operator==(const Fate&, const Fate&) = default;
};

/// Decides over the packets of one direction, one after the other. The same seed makes the same
/// decisions for the same numbers of packets, on every machine. One thread at a time.
class FateSource {
 public:
  FateSource(const Impairment& impairment, std::uint64_t seed) noexcept
      : impairment_(impairment), state_(seed) {}

  Fate next() noexcept;

 private:
  bool happens(double chance) noexcept;

  Impairment impairment_;
  std::uint64_t state_;
};

}  // namespace mplane::test
