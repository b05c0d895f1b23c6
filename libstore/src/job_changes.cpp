#include "job_changes.hpp"

#include <iterator>
#include <utility>

namespace mplane::detail {
namespace {

/// Older outcomes than the state says are kept by nobody.
void trim(JobChange& change) {
  const std::size_t size = change.outcomes.size();
  if (size <= change.state.outcomes) return;
  const auto superfluous = static_cast<std::ptrdiff_t>(size - change.state.outcomes);
  change.outcomes.erase(change.outcomes.begin(), change.outcomes.begin() + superfluous);
}

void follow(JobChange& older, JobChange newer) {
  older.state = newer.state;
  older.outcomes.insert(older.outcomes.end(), std::make_move_iterator(newer.outcomes.begin()),
                        std::make_move_iterator(newer.outcomes.end()));
  trim(older);
}

}  // namespace

void JobChanges::add(JournalEntry entry) {
  JobChange change;
  change.gone = entry.kind == JournalEntry::Kind::Forgotten;
  change.stored = entry.kind != JournalEntry::Kind::Accepted;
  change.specification = std::move(entry.specification);
  change.service = std::move(entry.service);
  change.state = entry.state;
  if (entry.outcome != nullptr) change.outcomes.push_back(std::move(entry.outcome));
  merge({std::move(entry.owner), std::move(entry.token)}, std::move(change));
}

void JobChanges::add_before(JobChanges older) {
  std::swap(changes_, older.changes_);
  for (auto& [key, change] : older.changes_) merge(key, std::move(change));
}

void JobChanges::merge(JobKey key, JobChange newer) {
  const auto [place, is_new] = changes_.try_emplace(std::move(key));
  JobChange& older = place->second;
  if (is_new) {
    older = std::move(newer);
  } else if (newer.gone && !older.stored) {
    changes_.erase(place);  // the file has never heard of it
  } else if (newer.gone || newer.specification) {
    newer.stored = older.stored;
    older = std::move(newer);
  } else {
    follow(older, std::move(newer));
  }
}

}  // namespace mplane::detail
