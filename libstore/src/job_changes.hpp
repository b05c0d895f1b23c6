#pragma once

#include "mplane/scheduler/journal.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace mplane::detail {

/// What jobs are known by.
struct JobKey {
  std::string owner;
  std::string token;
  friend bool operator==(const JobKey&, const JobKey&) = default;
};

struct JobKeyHash {
  std::size_t operator()(const JobKey& key) const noexcept {
    const std::hash<std::string> hash;
    return hash(key.token) * 31 + hash(key.owner);
  }
};

/// What has to be written about one job: its entries since the last time, merged.
struct JobChange {
  bool stored = true;  ///< the file may know a job of this owner and token
  bool gone = false;   ///< it has to know none
  std::optional<Specification> specification = {};  ///< of a job that is new to the file
  std::string service = {};                         ///< of the same
  JobState state = {};
  std::vector<std::shared_ptr<const Message>> outcomes = {};  ///< new ones, oldest first
};

/// The changes of all jobs between two transactions. One thread at a time.
class JobChanges {
 public:
  using Map = std::unordered_map<JobKey, JobChange, JobKeyHash>;

  void add(JournalEntry entry);
  /// Puts back what could not be written, before what has come since.
  void add_before(JobChanges older);

  bool empty() const noexcept { return changes_.empty(); }
  std::size_t size() const noexcept { return changes_.size(); }
  Map::const_iterator begin() const noexcept { return changes_.begin(); }
  Map::const_iterator end() const noexcept { return changes_.end(); }

 private:
  void merge(JobKey key, JobChange newer);

  Map changes_;
};

}  // namespace mplane::detail
