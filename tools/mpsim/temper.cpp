#include "temper.hpp"

#include <utility>

namespace mplane {
namespace {

/// A number of [0, 1) for each component: the finaliser of SplitMix64.
double lot(const std::size_t component, const std::uint64_t seed) noexcept {
  std::uint64_t bits = seed * 0xD1B54A32D192ED03U + (component + 1) * 0x9E3779B97F4A7C15U;
  bits = (bits ^ bits >> 30U) * 0xBF58476D1CE4E5B9U;
  bits = (bits ^ bits >> 27U) * 0x94D049BB133111EBU;
  bits ^= bits >> 31U;
  constexpr double kOne = 9007199254740992.0;  // 2^53
  return static_cast<double>(bits >> 11U) / kOne;
}

}  // namespace

Temper temper_of(const std::size_t component, const Misbehaviour& parts,
                 const std::uint64_t seed) noexcept {
  const double drawn = lot(component, seed);
  double up_to = 0;
  for (const auto& [temper, part] :
       {std::pair(Temper::Flapping, parts.flap), std::pair(Temper::Slow, parts.slow),
        std::pair(Temper::Lying, parts.lie), std::pair(Temper::Dying, parts.die)}) {
    up_to += part;
    if (drawn < up_to) return temper;
  }
  return Temper::Honest;
}

}  // namespace mplane
