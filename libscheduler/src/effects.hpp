#pragma once

#include "job.hpp"
#include "mplane/model/log.hpp"

#include <memory>
#include <stop_token>
#include <vector>

namespace mplane::detail {

/// What a decision of the planner asks to be done once its lock is free.
struct Effects {
  struct Answer {
    Waiter::Callback done;
    Snapshot snapshot;
  };

  std::vector<std::shared_ptr<Execution>> launches;
  std::vector<std::stop_source> stops;
  std::vector<Answer> answers;
  std::vector<LogRecord> records;
  bool progress_while_stopping = false;
  bool ring = false;  ///< something is due before the thread that waits for it would look
};

}  // namespace mplane::detail
