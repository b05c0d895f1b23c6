#include "transmit_keys.hpp"

#include <chrono>
#include <utility>

namespace mplane::detail {

void TransmitKeys::add(std::uint64_t packet, WallTime departed) {
  ring_[next_ % ring_.size()] = {packet, departed, next_, true};
  ++next_;
}

std::optional<std::uint64_t> TransmitKeys::take(std::uint32_t key, WallTime stamp) noexcept {
  constexpr auto kLongestInQueue = std::chrono::seconds(1);
  Departure& departure = ring_[key % ring_.size()];
  if (departure.key != key || !std::exchange(departure.waiting, false)) return std::nullopt;
  const auto queued = stamp - departure.departed;
  if (queued < queued.zero() || queued > kLongestInQueue) return std::nullopt;
  return departure.packet;
}

void TransmitKeys::reset() noexcept {
  for (Departure& departure : ring_) departure.waiting = false;
  next_ = 0;
}

}  // namespace mplane::detail
