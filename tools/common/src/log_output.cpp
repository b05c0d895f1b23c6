#include "mplane/tools/log_output.hpp"

#include "json_text.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace mplane {
namespace {

spdlog::level::level_enum level_of(const Severity severity) {
  switch (severity) {
    case Severity::Debug:
      return spdlog::level::debug;
    case Severity::Info:
      return spdlog::level::info;
    case Severity::Warning:
      return spdlog::level::warn;
    case Severity::Error:
      break;
  }
  return spdlog::level::err;
}

bool is_plain(const std::string_view value) {
  return !value.empty() && std::all_of(value.begin(), value.end(), [](const char character) {
    return character > ' ' && character != '"' && character != '=' && character != '\\' &&
           character != '\x7f';
  });
}

/// `listener: connection refused peer=192.0.2.1:4711 reason="no certificate"`. What is not plain is
/// quoted and escaped, so that no peer can write lines of its own.
std::string as_text(const LogRecord& record) {
  std::string line(record.component);
  if (!line.empty()) line += ": ";
  line += record.message;
  for (const auto& [key, value] : record.fields) {
    line += ' ';
    line += key;
    line += '=';
    if (is_plain(value)) {
      line += value;
    } else {
      detail::append_json_string(line, value);
    }
  }
  return line;
}

/// The members of the JSON object behind time and level.
std::string as_json_members(const LogRecord& record) {
  std::string line = "\"component\":";
  detail::append_json_string(line, record.component);
  line += ",\"message\":";
  detail::append_json_string(line, record.message);
  for (const auto& [key, value] : record.fields) {
    line += ',';
    detail::append_json_string(line, key);
    line += ':';
    detail::append_json_string(line, value);
  }
  return line;
}

constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%fZ %l %v";
constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l",%v})";

}  // namespace

struct LogOutput::State {
  spdlog::logger logger;
  const bool json;
};

LogOutput::LogOutput(const LogOptions& options) {
  const bool json = options.format == LogFormat::Json;
  state_ = std::make_shared<State>(
      State{spdlog::logger("mplane", std::make_shared<spdlog::sinks::stderr_sink_mt>()), json});
  spdlog::logger& logger = state_->logger;
  logger.set_level(level_of(options.level));
  logger.flush_on(spdlog::level::trace);
  logger.set_formatter(std::make_unique<spdlog::pattern_formatter>(
      json ? kJsonPattern : kTextPattern, spdlog::pattern_time_type::utc));
  logger.set_error_handler([](const std::string&) {});  // a log that fails must not fail others
}

LogSink LogOutput::sink() const {
  return [state = state_](const LogRecord& record) {
    const auto level = level_of(record.severity);
    if (!state->logger.should_log(level)) return;
    state->logger.log(
        level, spdlog::string_view_t(state->json ? as_json_members(record) : as_text(record)));
  };
}

void LogOutput::change_level(const Severity level) { state_->logger.set_level(level_of(level)); }

}  // namespace mplane
