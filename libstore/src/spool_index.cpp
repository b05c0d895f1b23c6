#include "spool_index.hpp"

#include <algorithm>
#include <utility>

namespace mplane::detail {

bool SpoolIndex::add(const Id id, SpoolEntry entry) {
  if (!keys_.insert(known_by(entry)).second) return false;
  Queue& queue = queues_[entry.queue];
  const std::uint64_t turn = ++turns_;
  queue.turns.emplace(turn, id);
  queue.ids.insert(id);
  queue.bytes += entry.bytes;
  books_.bytes += entry.bytes;
  ++books_.taken;
  ++books_.waiting;
  entries_.emplace(id, Held{std::move(entry), turn});
  return true;
}

bool SpoolIndex::remove(const Id id, const Why why) {
  const auto place = entries_.find(id);
  if (place == entries_.end()) return false;
  const auto& [entry, turn] = place->second;
  const auto queue = queues_.find(entry.queue);
  queue->second.turns.erase({turn, id});
  queue->second.ids.erase(id);
  queue->second.bytes -= entry.bytes;
  if (queue->second.ids.empty()) queues_.erase(queue);
  books_.bytes -= entry.bytes;
  --books_.waiting;
  keys_.erase(known_by(entry));
  entries_.erase(place);
  switch (why) {
    case Why::Delivered:
      ++books_.delivered;
      break;
    case Why::Refused:
      ++books_.refused;
      break;
    case Why::TooOld:
      ++books_.too_old;
      break;
    case Why::NoRoom:
      ++books_.no_room;
      break;
  }
  return true;
}

void SpoolIndex::put_back(const Id id) {
  const auto place = entries_.find(id);
  if (place == entries_.end()) return;
  auto& [entry, turn] = place->second;
  Queue& queue = queues_.find(entry.queue)->second;
  queue.turns.erase({turn, id});
  turn = ++turns_;
  queue.turns.emplace(turn, id);
}

void SpoolIndex::set_aside(const Id id) {
  const auto place = entries_.find(id);
  if (place == entries_.end()) return;
  const auto& [entry, turn] = place->second;
  Queue& queue = queues_.find(entry.queue)->second;
  if (queue.turns.erase({turn, id}) > 0) queue.aside.push_back(id);
}

void SpoolIndex::bring_back(const std::string_view queue) {
  const auto place = queues_.find(queue);
  if (place == queues_.end()) return;
  for (const Id id : std::exchange(place->second.aside, {})) put_back(id);
}

std::vector<SpoolIndex::Id> SpoolIndex::too_old(const Duration now) const {
  std::vector<Id> ids;
  // Numbers grow with that time.
  for (const auto& [id, held] : entries_) {
    if (now - held.entry.since <= max_age_) break;
    ids.push_back(id);
  }
  return ids;
}

std::optional<SpoolIndex::Id> SpoolIndex::surplus() const {
  if (books_.bytes <= max_bytes_) return {};
  const auto largest = std::max_element(
      queues_.begin(), queues_.end(),
      [](const auto& a, const auto& b) { return a.second.bytes < b.second.bytes; });
  return *largest->second.ids.begin();
}

std::optional<SpoolIndex::Id> SpoolIndex::first(const std::string_view queue) const {
  const auto place = queues_.find(queue);
  if (place == queues_.end() || place->second.turns.empty()) return {};
  return place->second.turns.begin()->second;
}

SpoolEntry* SpoolIndex::find(const Id id) {
  const auto place = entries_.find(id);
  return place == entries_.end() ? nullptr : &place->second.entry;
}

std::vector<std::string> SpoolIndex::queues() const {
  std::vector<std::string> names;
  for (const auto& [name, queue] : queues_) names.push_back(name);
  return names;
}

}  // namespace mplane::detail
