#pragma once

#include "mplane/scheduler/journal.hpp"

#include <algorithm>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mplane::test {

/// A journal in memory: what is durable is what a process would find after a crash. Writes at once,
/// or what was held back when it is let go. Thread-safe.
class FakeJournal final : public Journal {
 public:
  /// @param records what is durable already.
  explicit FakeJournal(std::vector<JobRecord> records = {}) : records_(std::move(records)) {}

  void append(std::vector<JournalEntry> entries, Durable then) override {
    const std::lock_guard lock(calling_);
    {
      const std::lock_guard state(mutex_);
      for (JournalEntry& entry : entries) pending_.push_back(std::move(entry));
      callbacks_.push_back(std::move(then));
      if (held_) return;
    }
    write();
  }

  /// From now on nothing becomes durable, until `release`.
  void hold() {
    const std::lock_guard state(mutex_);
    held_ = true;
  }
  void release() {
    const std::lock_guard lock(calling_);
    {
      const std::lock_guard state(mutex_);
      held_ = false;
    }
    write();
  }
  /// Of what is held back the first call fails; its entries come with the next that are written.
  void fail_first(const Error& reason) {
    const std::lock_guard lock(calling_);
    Durable then;
    {
      const std::lock_guard state(mutex_);
      then = std::move(callbacks_.front());
      callbacks_.pop_front();
    }
    then(reason);
  }
  /// From now on the disk is full; without a reason, there is room again.
  void fail(std::optional<Error> reason) {
    const std::lock_guard state(mutex_);
    failure_ = std::move(reason);
  }

  /// What is durable, in the order of acceptance.
  std::vector<JobRecord> records() const {
    const std::lock_guard state(mutex_);
    return records_;
  }
  std::size_t entries() const {
    const std::lock_guard state(mutex_);
    return written_;
  }
  /// What is wrong with the sequence of entries, if anything is.
  std::string complaint() const {
    const std::lock_guard state(mutex_);
    return complaint_;
  }

 private:
  void write() {
    std::deque<Durable> callbacks;
    std::optional<Error> failure;
    {
      const std::lock_guard state(mutex_);
      callbacks.swap(callbacks_);
      failure = failure_;
      if (!failure) {
        for (JournalEntry& entry : std::exchange(pending_, {})) apply(std::move(entry));
      }
    }
    for (const Durable& then : callbacks) then(failure);
  }

  void apply(JournalEntry entry) {
    ++written_;
    const auto job = std::find_if(records_.begin(), records_.end(), [&](const JobRecord& record) {
      return record.owner == entry.owner && record.specification.token() == entry.token;
    });
    using Kind = JournalEntry::Kind;
    const bool is_new = entry.kind == Kind::Accepted;
    if (is_new != (job == records_.end()))
      complaint_ = "an entry of no job, or a job accepted twice";
    if (is_new) {
      records_.push_back(
          {entry.owner, entry.service, *std::move(entry.specification), entry.state});
      return;
    }
    if (job == records_.end()) return;
    if (entry.kind == Kind::Forgotten) {
      records_.erase(job);
      return;
    }
    if (!entry.state.books.balance()) complaint_ = "the books of an entry do not balance";
    job->state = entry.state;
    if (entry.outcome != nullptr) job->outcomes.push_back(*entry.outcome);
    while (job->outcomes.size() > entry.state.outcomes) job->outcomes.erase(job->outcomes.begin());
  }

  std::recursive_mutex calling_;  // one batch at a time; a callback may append
  mutable std::mutex mutex_;
  bool held_ = false;
  std::optional<Error> failure_;
  std::deque<JournalEntry> pending_;
  std::deque<Durable> callbacks_;
  std::vector<JobRecord> records_;
  std::size_t written_ = 0;
  std::string complaint_;
};

}  // namespace mplane::test
