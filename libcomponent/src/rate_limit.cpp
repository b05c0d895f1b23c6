#include "mplane/component/detail/rate_limit.hpp"

#include <algorithm>

namespace mplane::detail {
double RateLimit::left(const Allowance& allowance, const Clock::time_point now) const noexcept {
  const std::chrono::duration<double> passed = now - allowance.at;
  return std::min(2 * per_second_, allowance.left + passed.count() * per_second_);
}

bool RateLimit::admits(const Identity& peer, const Clock::time_point now) {
  const Lock lock(mutex_);
  auto known = by_peer_.find(peer.text());
  if (known == by_peer_.end() && by_peer_.size() >= kPeers) {
    // Who has been quiet long enough may do as much as one who is new.
    std::erase_if(by_peer_,
                  [&](const auto& entry) { return left(entry.second, now) >= 2 * per_second_; });
  }
  if (known == by_peer_.end()) {
    const std::string name = by_peer_.size() < kPeers ? peer.text() : "";  // the others share one
    known = by_peer_.try_emplace(name, Allowance{2 * per_second_, now}).first;
  }
  Allowance& allowance = known->second;
  allowance = {left(allowance, now), now};
  if (allowance.left < 1) return false;
  allowance.left -= 1;
  return true;
}

}  // namespace mplane::detail
