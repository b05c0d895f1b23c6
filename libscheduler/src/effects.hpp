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

  /// What a submission planned, and what ended under the same token before: kept until it is
  /// certain that the new one is.
  struct Accepted {
    std::shared_ptr<Job> job = {};
    std::shared_ptr<Job> before = {};
  };

  Accepted accepted;
  std::shared_ptr<Execution> ready;  ///< to be launched at once: that it was let through is durable
  Few<std::shared_ptr<Execution>> launches;
  std::vector<std::stop_source> stops;
  Few<Answer> answers;
  struct News {
    std::shared_ptr<Follower> follower;
    Position up_to;
  };
  std::vector<News> followers;                  ///< to be told, up to an entry
  std::vector<std::shared_ptr<Job>> forgotten;  ///< only held until here
  std::vector<LogRecord> records;
  /// Whether anybody will hear of it, so that it has to be durable before.
  bool tell_others() const noexcept {
    return !launches.empty() || !answers.empty() || !followers.empty();
  }

  bool progress_while_stopping = false;
  bool ring = false;  ///< something is due before the thread that waits for it would look
};

}  // namespace mplane::detail
