#include "turnstile.hpp"

namespace mplane {

void Turnstile::queue(Waiting& who) {
  if (free_ == 0) {
    queue_.push_back(&who);
    return;
  }
  --free_;
  who.enter();
}

void Turnstile::give_up(Waiting& who) { std::erase(queue_, &who); }

void Turnstile::leave() {
  if (queue_.empty()) {
    ++free_;
    return;
  }
  Waiting& next = *queue_.front();
  queue_.pop_front();
  next.enter();
}

}  // namespace mplane
