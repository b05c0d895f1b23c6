#include "mplane/session/detail/complaints.hpp"

#include <utility>

namespace mplane::detail {
namespace {

constexpr bool is_continuation(const char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;  // RFC 3629
}

void shorten(std::string& text, std::size_t size) {
  if (text.size() <= size) return;
  while (size > 0 && is_continuation(text[size])) --size;
  text.resize(size);
  text += "...";
}

}  // namespace

void Complaints::add(const Identity& peer, LogRecord record, const Clock::time_point now) {
  const auto left_out = allowance_of(peer, now)->admit(now);
  if (!left_out) return;
  for (auto& [key, value] : record.fields) shorten(value, kLongestText);
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
