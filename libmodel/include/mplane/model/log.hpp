#pragma once

#include "mplane/model/error.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mplane {

/// One thing worth telling the operator. A value; the sink may keep a copy, but `component` and the
/// keys of the fields have to be literals.
struct LogRecord {
  using Field = std::pair<std::string_view, std::string>;

  Severity severity = Severity::Info;
  std::string_view component = {};  ///< the part that speaks: "listener", "scheduler"
  std::string message = {};         ///< a sentence for people, without the values in `fields`
  std::vector<Field> fields = {};   ///< what it is about: {"peer", "192.0.2.1:4711"}
};

/// Where records go. The program hands one in; libraries never print. It is called from any thread,
/// several at once, and must neither block for long nor throw. An empty sink drops everything.
using LogSink = std::function<void(const LogRecord&)>;

/// Hands a record to the sink if there is one.
inline void log(const LogSink& sink, const LogRecord& record) {
  if (sink) sink(record);
}

}  // namespace mplane
