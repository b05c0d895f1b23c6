#pragma once

#include "mplane/component/dispatcher.hpp"
#include "scheduler/workshop.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace mplane::test {

/// Records of a log, for looking at afterwards. Thread-safe.
class LogBook {
 public:
  LogSink sink() {
    return [this](const LogRecord& record) {
      const std::lock_guard lock(mutex_);
      records_.push_back(record);
      changed_.notify_all();
    };
  }
  /// Whether a record with that message came, or comes within ten seconds.
  bool wait_for(const std::string& message) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] {
      return std::any_of(records_.begin(), records_.end(),
                         [&](const LogRecord& record) { return record.message == message; });
    });
  }
  /// The records with that message, each as "key=value key=value".
  std::vector<std::string> about(const std::string& message) const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> lines;
    for (const LogRecord& record : records_) {
      if (record.message == message) lines.push_back(fields_of(record));
    }
    return lines;
  }

 private:
  static std::string fields_of(const LogRecord& record) {
    std::string line;
    for (const auto& [key, value] : record.fields) {
      line += (line.empty() ? "" : " ") + std::string(key) + "=" + value;
    }
    return line;
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<LogRecord> records_;
};

/// Something that happens once, and that a test waits for. Thread-safe.
class Event {
 public:
  void happen() {
    const std::lock_guard lock(mutex_);
    happened_ = true;
    condition_.notify_all();
  }
  /// Whether it happened within ten seconds.
  bool wait() {
    std::unique_lock lock(mutex_);
    return condition_.wait_for(lock, std::chrono::seconds(10), [&] { return happened_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable condition_;
  bool happened_ = false;
};

/// A dispatcher before a scheduler on a fake clock, with one service, "ping", that is ended by
/// hand and open to guests. Alice and Bob are guests, Mallory has no role.
struct Counter {
  explicit Counter(SchedulerOptions options = {})
      : scheduler(clock, std::move(options), {}),
        dispatcher(scheduler, clock, access(), log.sink()),
        ping(dispatcher.offer({ping_capability(), runs.service()})) {}

  static AccessControl access() {
    return {{{"alice", {"guest"}}, {"bob", {"guest"}}, {"carol", {"other"}}},
            {{"ping", {"guest"}}, {"secret", {"operator"}}, {"else", {"other"}}}};
  }

  Reply ask(const Message& message, const std::string& peer = "alice") {
    return dispatcher.dispatch(Identity(peer), message);
  }
  Specification specification(const std::string& token = "t",
                              const std::string& when = "now + 3s") const {
    return test::ask(ping, when, token);
  }

  LogBook log;
  FakeClock clock;
  ByHand runs;
  Scheduler scheduler;
  Dispatcher dispatcher;
  Capability ping;
};

/// "kind token", and of an exception its text.
inline std::string brief(const Message& message) {
  std::string text = std::string(message.kind()) + " " + message.token();
  if (const auto* const exception = message.find<Exception>()) text += ": " + exception->message();
  return text;
}

}  // namespace mplane::test
