#pragma once

#include "mplane/model/log.hpp"

#include <cstdint>
#include <memory>

namespace mplane {

enum class LogFormat : std::uint8_t { Text, Json };

struct LogOptions {
  Severity level = Severity::Info;  ///< what is less is dropped
  LogFormat format = LogFormat::Text;
};

/// A program's log: a line a record on standard error, each at once: time in UTC, level, who
/// speaks, the message, the fields; as text or as a JSON object. Thread-safe; its sinks may outlive
/// it.
class LogOutput {
 public:
  explicit LogOutput(const LogOptions& options);

  LogSink sink() const;
  /// From now on what is less than this is dropped.
  void change_level(Severity level);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mplane
