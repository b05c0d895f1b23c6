#pragma once

#include "scheduler/fake_journal.hpp"
#include "scheduler/workshop.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace mplane::test {

/// A scheduler with a journal, that can crash: another one then goes on from what is durable.
struct Office {
  explicit Office(ServicePolicy used = {}) : policy(used) { open(); }

  void open() {
    runs = std::make_unique<ByHand>();
    SchedulerOptions options;
    options.journal = journal.get();
    options.results.newest = 3;
    scheduler = std::make_unique<Scheduler>(clock, options, [this](const LogRecord& record) {
      const std::lock_guard lock(mutex);
      log.push_back(record.message);
    });
    if (offers) capability = scheduler->offer({ping_capability(), runs->service(), false, policy});
  }

  /// Starts anew with what the journal holds at this moment.
  void crash(Duration down = Duration(0)) {
    for (const JobRecord& record : crash_and_find(down)) scheduler->restore(record, may_use);
    clock.settle();
  }

  /// The same, and restores nothing. @return what the journal held.
  std::vector<JobRecord> crash_and_find(Duration down = Duration(0)) {
    clock.settle();
    const auto found = journal->records();
    scheduler.reset();  // what it writes on its way out is written in vain
    runs.reset();
    clock.suspend(down);
    journal = std::make_unique<FakeJournal>(found);
    open();
    return found;
  }

  Receipt submit(const std::string& when, const std::string& token = "t") {
    return scheduler->submit("alice", ask(*capability, when, token));
  }
  Message redeem(const std::string& token = "t") { return scheduler->redeem("alice", token); }
  Books books(const std::string& token = "t") { return scheduler->books("alice", token); }

  ServicePolicy policy;
  bool offers = true;
  MayUse may_use = {};  ///< once it starts anew
  std::mutex mutex;
  std::vector<std::string> log;
  FakeClock clock;
  std::unique_ptr<FakeJournal> journal = std::make_unique<FakeJournal>();
  std::unique_ptr<ByHand> runs;
  std::unique_ptr<Scheduler> scheduler;
  std::optional<Capability> capability;
};

inline std::string text_of(const Message& message) {
  const auto* const exception = message.find<Exception>();
  return exception == nullptr ? "no exception" : exception->message();
}

}  // namespace mplane::test
