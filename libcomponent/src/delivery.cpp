#include "mplane/component/delivery.hpp"

#include "mplane/model/error.hpp"

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

void Duplicates::once(const Identity& peer, const Message& message,
                      const std::function<void()>& deal) {
  const auto begun = begin(peer, message);
  if (!begun) return;
  try {
    deal();
  } catch (...) {
    end(*begun, false);
    throw;
  }
  end(*begun, true);
}

std::optional<std::string> Duplicates::begin(const Identity& peer, const Message& message) {
  std::string key = key_of(peer, message);
  const detail::Lock lock(mutex_);
  if (known_.count(key) > 0) return {};
  if (under_way_.insert(key).second) return key;
  throw Error(ErrorKind::Unavailable, "", "the same message has come and is being dealt with");
}

void Duplicates::end(const std::string& begun, const bool is_dealt_with) {
  const detail::Lock lock(mutex_);
  under_way_.erase(begun);
  if (!is_dealt_with) return;
  known_.insert(begun);
  order_.push_back(begun);
  if (order_.size() > remembered_) {
    known_.erase(order_.front());
    order_.pop_front();
  }
}

}  // namespace mplane
