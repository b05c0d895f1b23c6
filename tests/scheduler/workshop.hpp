#pragma once

#include "mplane/scheduler.hpp"
#include "support/fake_clock.hpp"

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mplane::test {

/// A capability that any scope fits: `destination.ip4` in, `delay.twoway.icmp.count` out.
inline Capability ping_capability(const std::string& label = "ping",
                                  const std::string& verb = "measure") {
  return Capability::of(verb, label)
      .when("past ... future")
      .parameter("destination.ip4")
      .result("delay.twoway.icmp.count")
      .build(Registry::core());
}

/// A specification for it, with a token of its own.
inline Specification ask(const Capability& capability, const std::string& when,
                         const std::string& token) {
  return capability.specify(when).set("destination.ip4", "127.0.0.1").token(token).build();
}

/// A result of one row.
inline Result counted(const Specification& specification, std::uint64_t count) {
  return Result(specification).row({{"delay.twoway.icmp.count", count}});
}

/// The count in the only row of a result.
inline std::uint64_t count_of(const Message& message) {
  const Result* const result = message.find<Result>();
  return result == nullptr ? 0 : result->rows()[0].get<std::uint64_t>("delay.twoway.icmp.count");
}

/// An asynchronous service whose runs are ended by hand. Thread-safe.
class ByHand {
 public:
  struct Started {
    Specification specification;
    std::stop_token stop;
    Completion completion;
  };

  AsyncRun service() {
    return [this](const Specification& specification, std::stop_token stop, Completion done) {
      const std::lock_guard lock(mutex_);
      started_.push_back({specification, std::move(stop), std::move(done)});
      ++starts_;
    };
  }

  /// How many have been started since the beginning.
  std::size_t starts() const {
    const std::lock_guard lock(mutex_);
    return starts_;
  }
  /// What names the run of one that has not been taken, 1 being the oldest, and its start.
  std::pair<std::string, Instant> name(const std::size_t number) const {
    const std::lock_guard lock(mutex_);
    const RunName& run = started_.at(number - 1).completion.run();
    return {run.text, run.start};
  }
  /// The oldest that has not been taken.
  Started take() {
    const std::lock_guard lock(mutex_);
    Started oldest = std::move(started_.front());
    started_.pop_front();
    return oldest;
  }
  /// Ends the oldest with a count.
  void finish(std::uint64_t count) {
    Started oldest = take();
    oldest.completion(counted(oldest.specification, count));
  }
  /// Whether the oldest was asked to stop.
  bool is_asked_to_stop() const {
    const std::lock_guard lock(mutex_);
    return started_.front().stop.stop_requested();
  }

 private:
  mutable std::mutex mutex_;
  std::deque<Started> started_;
  std::size_t starts_ = 0;
};

/// A scheduler on a fake clock with one service that is ended by hand.
struct Workshop {
  explicit Workshop(ServicePolicy policy = {}, SchedulerOptions options = {})
      : scheduler(clock, std::move(options), [this](const LogRecord& record) { note(record); }),
        capability(scheduler.offer({ping_capability(), runs.service(), false, policy})) {}

  Receipt submit(const std::string& when, const std::string& token = "t",
                 const std::string& owner = "alice") {
    return scheduler.submit(owner, ask(capability, when, token));
  }
  Message redeem(const std::string& token = "t", const std::string& owner = "alice") {
    return scheduler.redeem(owner, token);
  }
  std::vector<LogRecord> log() const {
    const std::lock_guard lock(mutex);
    return records;
  }

  FakeClock clock;
  ByHand runs;
  Scheduler scheduler;
  Capability capability;

 private:
  void note(const LogRecord& record) {
    const std::lock_guard lock(mutex);
    records.push_back(record);
  }

  mutable std::mutex mutex;
  std::vector<LogRecord> records;
};

}  // namespace mplane::test
