#include "scribe.hpp"

#include <utility>

namespace mplane::detail {

void Scribe::commit(Journal::Durable then) {
  Lock lock(mutex_);
  auto [entries, position] = planner_.take_entries();
  auto told = [&planner = planner_, position = position, then = std::move(then)](auto failure) {
    const bool durable = !failure;
    if (durable) planner.reveal(position);
    then(std::move(failure));
    if (!durable) planner.reveal(position);  // only now that who depends on it knows
  };
  line_.push_back({std::move(entries), std::move(told)});
  if (std::exchange(appending_, true)) return;
  while (!line_.empty()) {
    Batch batch = std::move(line_.front());
    line_.pop_front();
    lock.unlock();
    journal_->append(std::move(batch.entries), std::move(batch.then));
    lock.lock();
  }
  appending_ = false;
}

}  // namespace mplane::detail
