#include "mplane/session/detail/complaints.hpp"

#include "mplane/model/detail/shortened.hpp"

#include <utility>

namespace mplane::detail {

void Complaints::add(const Identity& peer, LogRecord record, const Clock::time_point now) {
  const auto left_out = allowance_of(peer, now)->admit(now);
  if (!left_out) return;
  for (auto& [key, value] : record.fields) {
    if (value.size() > kLongestText) value = std::string(shortened(value, kLongestText)) + "...";
  }
  if (*left_out > 0) record.fields.emplace_back("not-logged-before", std::to_string(*left_out));
  log(sink_, record);
}

std::shared_ptr<LogThrottle> Complaints::allowance_of(const Identity& peer,
                                                      const Clock::time_point now) {
  const Lock lock(mutex_);
  const auto known = by_peer_.find(peer);
  if (known != by_peer_.end()) return known->second;
  if (by_peer_.size() >= kPeers) {
    // Who has been quiet long enough has its whole allowance again, as a new one has.
    std::erase_if(by_peer_, [&](const auto& entry) { return entry.second->is_whole(now); });
  }
  if (by_peer_.size() >= kPeers) return others_;
  return by_peer_.emplace(peer, std::make_shared<LogThrottle>()).first->second;
}

}  // namespace mplane::detail
