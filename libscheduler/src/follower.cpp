#include "follower.hpp"

#include <algorithm>
#include <utility>

namespace mplane::detail {

void Follower::push(std::shared_ptr<const Message> outcome, Position position) {
  const Lock lock(mutex_);
  outcomes_.push_back({std::move(outcome), position});
}

void Follower::drain(Position up_to) {
  Lock lock(mutex_);
  told_ = std::max(told_, up_to);
  if (std::exchange(draining_, true)) return;
  while (!outcomes_.empty() && outcomes_.front().position <= told_) {
    const auto outcome = std::move(outcomes_.front().outcome);
    outcomes_.pop_front();
    lock.unlock();
    each_(outcome == nullptr ? std::optional<Message>() : *outcome);
    lock.lock();
  }
  draining_ = false;
}

}  // namespace mplane::detail
