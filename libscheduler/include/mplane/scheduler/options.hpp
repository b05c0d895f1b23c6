#pragma once

#include "mplane/model/time.hpp"
#include "mplane/scheduler/policy.hpp"

#include <chrono>
#include <cstddef>
#include <string>

namespace mplane {

class Journal;

/// How much a scheduler takes on. What would exceed a limit of jobs is refused when it is
/// submitted; a run beyond a limit of runs waits, and is refused when too many wait already.
struct SchedulerLimits {
  std::size_t jobs = 2'000'000;  ///< specifications planned or running
  std::size_t jobs_per_owner = kNoLimit;
  std::size_t runs = 100'000;  ///< at a time
  std::size_t runs_per_owner = kNoLimit;
  std::size_t waiting = 10'000;  ///< runs that are due and wait for one of these, or a worker
  std::size_t waiting_per_owner = 5'000;  ///< his share of them: one cannot take all the places
};

/// How long results are there to be fetched.
struct ResultsKept {
  std::size_t newest = 100;                         ///< at most of one repeated specification
  Duration fetched = std::chrono::hours(1);         ///< after they were handed over
  Duration unfetched = std::chrono::hours(7 * 24);  ///< after the end, if they were not
  std::size_t max_bytes = 256U << 20U;  ///< of all; the oldest go first, fetched before unfetched
};

/// How a scheduler works.
struct SchedulerOptions {
  std::size_t workers = 8;  ///< threads that run synchronous services; made when first needed
  SchedulerLimits limits = {};
  ResultsKept results = {};
  /// A service that still runs so long after it was asked to stop is named in the log.
  Duration stop_patience = std::chrono::seconds(10);
  /// How long the destructor waits for services on workers to end.
  Duration farewell = std::chrono::seconds(4);
  /// Who we are: makes the slip of this scheduler's jobs differ from that of others.
  std::string name = {};
  /// What survives a crash; outlives the scheduler. Without one all is in memory.
  Journal* journal = nullptr;
};

}  // namespace mplane
