#include "session_table.hpp"

namespace mplane::detail {

void SessionTable::forget_silent(SteadyTime now) {
  while (!known_.empty() && now - known_.front().last > limits_.timeout) {
    const StampSession& session = known_.front().session;
    const auto host = of_hosts_.find(session.host);
    if (--host->second == 0) of_hosts_.erase(host);
    places_.erase(session);
    known_.pop_front();
  }
}

bool SessionTable::has_room_for(const Address& host) const {
  if (known_.size() >= limits_.all) return false;
  const auto own = of_hosts_.find(host);
  return own == of_hosts_.end() || own->second < limits_.of_host;
}

std::uint32_t& SessionTable::use(const StampSession& session, SteadyTime now) {
  const auto [place, is_new] = places_.try_emplace(session);
  if (is_new) {
    place->second = known_.insert(known_.end(), Known{.session = session});
    ++of_hosts_[session.host];
  } else {
    known_.splice(known_.end(), known_, place->second);
  }
  place->second->last = now;
  return place->second->count;
}

}  // namespace mplane::detail
