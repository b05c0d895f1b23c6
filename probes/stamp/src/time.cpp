#include "mplane/probes/stamp/time.hpp"

#include <cmath>
#include <limits>

namespace mplane {
namespace {

using std::chrono::nanoseconds;

constexpr std::int64_t kFrom1900To1970 = 2'208'988'800;  // seconds
constexpr std::int64_t kEra = std::int64_t{1} << 32U;    // seconds
constexpr std::uint64_t kNano = 1'000'000'000;

std::uint8_t bits_of(std::uint16_t word, unsigned shift, unsigned mask) noexcept {
  return static_cast<std::uint8_t>((word >> shift) & mask);
}

/// Of all times that are the same but for whole eras, the one closest to another.
std::int64_t in_era_of(std::int64_t time, std::int64_t near) noexcept {
  const std::int64_t away = near - time;
  const std::int64_t eras = (away + (away < 0 ? -kEra / 2 : kEra / 2)) / kEra;
  return time + eras * kEra;
}

}  // namespace

StampTime StampTime::ntp(WallTime time) noexcept {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time.time_since_epoch());
  const auto rest = static_cast<std::uint64_t>((time.time_since_epoch() - whole).count());
  const std::uint64_t fraction = ((rest << 32U) + kNano / 2) / kNano;  // below 2^32: rest < kNano
  return {.seconds = static_cast<std::uint32_t>(
              static_cast<std::uint64_t>(whole.count() + kFrom1900To1970) & 0xffffffffU),
          .fraction = static_cast<std::uint32_t>(fraction)};
}

WallTime wall_time(StampTime time, bool ptp, WallTime near) noexcept {
  const std::int64_t since_1970 = std::int64_t{time.seconds} - (ptp ? 0 : kFrom1900To1970);
  const auto now = std::chrono::floor<std::chrono::seconds>(near.time_since_epoch()).count();
  const std::uint64_t fraction = time.fraction;
  const std::uint64_t nano = ptp ? fraction : (fraction * kNano + (kNano >> 1U)) >> 32U;
  return WallTime(std::chrono::seconds(in_era_of(since_1970, now)) +
                  nanoseconds(static_cast<std::int64_t>(nano)));
}

ErrorEstimate ErrorEstimate::of(const std::optional<KernelClock>& clock) noexcept {
  constexpr std::uint8_t kMost = 0xff;
  constexpr std::uint8_t kGreatestScale = 63;
  if (!clock) return {.scale = kGreatestScale, .multiplier = kMost};
  const double error = std::chrono::duration<double>(clock->bound).count();
  ErrorEstimate estimate{.synchronized = clock->synchronised};
  double units = std::ceil(std::ldexp(error, 32));
  while (units > kMost && estimate.scale < kGreatestScale) {
    ++estimate.scale;
    units = std::ceil(std::ldexp(error, 32 - estimate.scale));
  }
  if (units >= 1) estimate.multiplier = static_cast<std::uint8_t>(units);
  return estimate;
}

ErrorEstimate ErrorEstimate::decode(std::uint16_t bits) noexcept {
  return {.synchronized = bits_of(bits, 15, 1) != 0,
          .ptp = bits_of(bits, 14, 1) != 0,
          .scale = bits_of(bits, 8, 0x3f),
          .multiplier = bits_of(bits, 0, 0xff)};
}

std::uint16_t ErrorEstimate::encode() const noexcept {
  const unsigned flags = (synchronized ? 0x8000U : 0U) | (ptp ? 0x4000U : 0U);
  return static_cast<std::uint16_t>(flags | ((scale & 0x3fU) << 8U) | multiplier);
}

std::chrono::microseconds ErrorEstimate::bound() const noexcept {
  const double error = std::ldexp(static_cast<double>(multiplier), scale - 32);  // below 2^40
  return std::chrono::microseconds(static_cast<std::int64_t>(std::ceil(error * 1e6)));
}

}  // namespace mplane
