#include "recovery.hpp"

#include <algorithm>
#include <utility>

namespace mplane::detail {

Recovery::Recovery(std::set<std::string> compositions, Restore restore,
                   std::function<void()> settled)
    : compositions_(std::move(compositions)),
      restore_(std::move(restore)),
      settled_(std::move(settled)) {}

void Recovery::add(const JobRecord& record) {
  const Lock lock(mutex_);
  records_[record.service].push_back(record);
}

void Recovery::start(const Duration patience) {
  if (!has_waiting()) return;
  settler_ =
      std::jthread([this, patience](const std::stop_token& stop) { settle(patience, stop); });
}

void Recovery::stop() { settler_.request_stop(); }

void Recovery::offered(const std::string& label) {
  for (const JobRecord& record : extract(label)) restore_(record);
}

bool Recovery::waits(const JobRecord& record) const {
  return !is_settled_ && record.state.books.running > 0 && compositions_.count(record.service) != 0;
}

bool Recovery::has_waiting() const {
  const Lock lock(mutex_);
  for (const auto& [label, records] : records_) {
    for (const JobRecord& record : records) {
      if (waits(record)) return true;
    }
  }
  return false;
}

/// Those of a label that is offered now which need not wait.
std::vector<JobRecord> Recovery::extract(const std::string& label) {
  const Lock lock(mutex_);
  const auto found = records_.find(label);
  if (found == records_.end()) return {};
  std::vector<JobRecord> ready;
  std::vector<JobRecord> waiting;
  for (JobRecord& record : found->second) {
    (waits(record) ? waiting : ready).push_back(std::move(record));
  }
  found->second = std::move(waiting);
  if (found->second.empty()) records_.erase(found);
  return ready;
}

void Recovery::settle(const Duration patience, const std::stop_token& stop) {
  {
    Condition time;
    Lock lock(mutex_);
    time.wait_for(lock, stop, patience, [] { return false; });
    if (stop.stop_requested()) return;
    is_settled_ = true;
  }
  settled_();
}

}  // namespace mplane::detail
