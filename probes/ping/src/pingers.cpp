#include "pingers.hpp"

namespace mplane::detail {

std::shared_ptr<Pinger> Pingers::from(const Address& source) {
  const auto found = pingers_.find(source);
  if (found != pingers_.end()) return found->second;
  return pingers_.emplace(source, std::make_shared<Pinger>(engine_, source)).first->second;
}

void Pingers::drop_idle(const Address& source) {
  const auto found = pingers_.find(source);
  if (found != pingers_.end() && found->second->is_idle()) pingers_.erase(found);
}

}  // namespace mplane::detail
