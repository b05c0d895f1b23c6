#pragma once

#include "mplane/model/detail/mutex.hpp"
#include "mplane/scheduler/journal.hpp"
#include "planner.hpp"

#include <deque>
#include <vector>

namespace mplane::detail {

/// Carries what happened from the planner to the journal, in the order in which it happened, and
/// tells the planner what is durable. Thread-safe.
class Scribe {
 public:
  /// Both outlive it, and what it was asked to call back.
  Scribe(Planner& planner, Journal* journal) noexcept : planner_(planner), journal_(journal) {}

  bool has_journal() const noexcept { return journal_ != nullptr; }
  /// Calls back when all that happened so far is durable, or could not be made so: from any thread,
  /// maybe before it returns. Only with a journal.
  void commit(Journal::Durable then) MPLANE_EXCLUDES(mutex_);

 private:
  struct Batch {
    std::vector<JournalEntry> entries;
    Journal::Durable then;
  };

  Planner& planner_;
  Journal* const journal_;
  Mutex mutex_;  // held while entries are taken and put in line, which keeps them in order
  std::deque<Batch> line_ MPLANE_GUARDED_BY(mutex_);
  bool appending_ MPLANE_GUARDED_BY(mutex_) = false;  // a thread brings the line to the journal
};

}  // namespace mplane::detail
