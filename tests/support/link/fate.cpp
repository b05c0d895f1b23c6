#include "support/link/fate.hpp"

namespace mplane::test {

Fate FateSource::next() noexcept {
  // Each packet takes three numbers, whatever they decide, so that a change of one chance leaves
  // the decisions about the others as they were.
  const bool dropped = happens(impairment_.loss);
  const bool duplicated = happens(impairment_.duplicate);
  const bool held_back = happens(impairment_.reorder);
  return {
      .dropped = dropped, .duplicated = duplicated && !dropped, .held_back = held_back && !dropped};
}

bool FateSource::happens(double chance) noexcept {
  // SplitMix64 (Steele, Lea, Flood 2014); its upper 53 bits make a double from 0 to 1.
  state_ += 0x9e3779b97f4a7c15U;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  z ^= z >> 31U;
  return static_cast<double>(z >> 11U) * 0x1p-53 < chance;
}

}  // namespace mplane::test
