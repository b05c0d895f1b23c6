#pragma once

#include "mplane/model/error.hpp"
#include "mplane/scheduler/books.hpp"
#include "mplane/scheduler/lateness.hpp"
#include "mplane/session/listener.hpp"
#include "mplane/store/spool.hpp"

#include <cstddef>
#include <cstdint>
#include <map>

namespace mplane {

/// How a component fares, for metrics. A value.
struct ComponentStatus {
  std::size_t capabilities = 0;  ///< offered now
  Books books = {};              ///< of all starts
  Lateness lateness = {};
  ListenerCounts sessions = {};
  std::map<ErrorKind, std::uint64_t> refused = {};  ///< messages and requests, by why
  SpoolBooks spool = {};                            ///< of what is sent unasked
};

}  // namespace mplane
