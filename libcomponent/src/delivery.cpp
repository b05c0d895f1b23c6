#include "mplane/component/delivery.hpp"

#include <utility>

namespace mplane {
namespace {

std::string key_of(const Identity& peer, const Message& message) {
  return peer.text() + '\n' + delivery_key(message);
}

}  // namespace

std::string delivery_key(const Message& message) {
  const auto* const envelope = message.find<Envelope>();
  if (envelope != nullptr) {
    std::string key = envelope->token.value_or("");
    for (const Message& one : envelope->messages()) key += " " + delivery_key(one);
    return key;
  }
  std::string key = std::string(message.kind()) + " " + message.token();
  if (const auto* const result = message.find<Result>()) key += " " + to_string(result->when());
  if (const auto* const exception = message.find<Exception>()) key += " " + exception->message();
  return key;
}

bool Duplicates::is_new(const Identity& peer, const Message& message) {
  std::string key = key_of(peer, message);
  const detail::Lock lock(mutex_);
  if (!known_.insert(key).second) return false;
  order_.push_back(std::move(key));
  if (order_.size() > remembered_) {
    known_.erase(order_.front());
    order_.pop_front();
  }
  return true;
}

void Duplicates::forget(const Identity& peer, const Message& message) {
  const detail::Lock lock(mutex_);
  known_.erase(key_of(peer, message));  // its place in the order does no harm
}

}  // namespace mplane
