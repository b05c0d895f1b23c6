#include "follower.hpp"

#include <utility>

namespace mplane::detail {

void Follower::push(std::shared_ptr<const Message> outcome) {
  const Lock lock(mutex_);
  outcomes_.push_back(std::move(outcome));
}

void Follower::drain() {
  Lock lock(mutex_);
  if (std::exchange(draining_, true)) return;
  while (!outcomes_.empty()) {
    const auto outcome = std::move(outcomes_.front());
    outcomes_.pop_front();
    lock.unlock();
    each_(outcome == nullptr ? std::optional<Message>() : *outcome);
    lock.lock();
  }
  draining_ = false;
}

}  // namespace mplane::detail
