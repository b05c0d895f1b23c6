#pragma once

#include "mplane/component/dispatcher.hpp"
#include "scheduler/workshop.hpp"

#include <mutex>
#include <string>
#include <vector>

namespace mplane::test {

/// Records of a log, for looking at afterwards. Thread-safe.
class LogBook {
 public:
  LogSink sink() {
    return [this](const LogRecord& record) {
      const std::lock_guard lock(mutex_);
      records_.push_back(record);
    };
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
  std::vector<LogRecord> records_;
};

/// A dispatcher before a scheduler on a fake clock, with one service, "ping", that is ended by
/// hand and open to guests. Alice and Bob are guests, Mallory has no role.
struct Counter {
  Counter()
      : scheduler(clock, {}, {}),
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
