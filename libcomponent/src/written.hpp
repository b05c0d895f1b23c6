#pragma once

#include "mplane/model/log.hpp"
#include "mplane/model/message.hpp"

#include <string>

namespace mplane::detail {

/// What goes out for a message.
struct Written {
  std::string json;
  bool is_whole;  ///< false: an exception in its place
};

/// Writes a message. One that cannot be written is a service's fault: the log is told, and who is
/// to get it gets an exception with its token.
Written written(const Message& message, const LogSink& sink);

}  // namespace mplane::detail
