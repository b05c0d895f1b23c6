#pragma once

#include "few.hpp"
#include "follower.hpp"
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

  std::shared_ptr<Execution> ready;  ///< to be launched at once: that it was let through is durable
  Few<std::shared_ptr<Execution>> launches;
  std::vector<std::stop_source> stops;
  Few<Answer> answers;
  std::vector<std::shared_ptr<Follower>> followers;  ///< that have something to tell
  std::vector<std::shared_ptr<Job>> forgotten;       ///< only held until here
  std::vector<LogRecord> records;
  /// Whether anybody will hear of it, so that it has to be durable before.
  bool tell_others() const noexcept {
    return !launches.empty() || !answers.empty() || !followers.empty();
  }

  bool progress_while_stopping = false;
  bool ring = false;  ///< something is due before the thread that waits for it would look
};

}  // namespace mplane::detail
