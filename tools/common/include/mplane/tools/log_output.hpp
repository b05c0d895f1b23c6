#pragma once

#include "mplane/model/log.hpp"

#include <cstdint>

namespace mplane {

enum class LogFormat : std::uint8_t { Text, Json };

struct LogOptions {
  Severity level = Severity::Info;  ///< what is less is dropped
  LogFormat format = LogFormat::Text;
};

/// A sink that writes a line a record to standard error, each at once: time in UTC, level, who
/// speaks, the message, the fields; as text or as a JSON object. Thread-safe.
LogSink make_log_output(const LogOptions& options);

}  // namespace mplane
