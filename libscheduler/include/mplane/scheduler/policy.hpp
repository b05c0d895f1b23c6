#pragma once

#include "mplane/model/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace mplane {

/// No limit at all, where a number of things can be limited.
inline constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

/// What may run beside a job.
enum class JobClass : std::uint8_t {
  Exclusive,   ///< nothing: it waits until everything ended, and what comes meanwhile waits for it
  Normal,      ///< whatever is not exclusive
  Background,  ///< the same, but where jobs have to wait it lets all others go first
};

/// What becomes of a start of a repeated job while the run before it still goes on.
enum class Overlap : std::uint8_t {
  Skip,      ///< it is left out
  Queue,     ///< it waits for the end of the run before
  Parallel,  ///< it runs beside it
};

/// What becomes of starts whose time has passed, because the machine slept or its clock was set.
enum class Missed : std::uint8_t {
  Skip,  ///< all of them are left out
  Once,  ///< all but one, which runs at once
};

/// What a specification may choose for itself, by its metadata (registry/mplane.json), beside what
/// the service's policy says anyway. What it may not choose is refused. A value.
struct Choices {
  bool overlap_queue = false;     ///< `schedule.overlap: queue`
  bool overlap_parallel = false;  ///< `schedule.overlap: parallel`
  bool missed_once = false;       ///< `schedule.missed: once`
  Duration slip{0};               ///< `schedule.slip.us` up to this; the policy's own at any rate
};

/// How the operator wants the jobs of a service to be scheduled. A value; part of a Service.
struct ServicePolicy {
  JobClass job_class = JobClass::Normal;
  Overlap overlap = Overlap::Skip;
  Missed missed = Missed::Skip;
  /// Planned starts are put off by up to this, each job by an amount of its own that does not
  /// change, so that fleets do not march in step. Jobs asked for at once start at once.
  Duration slip{0};
  /// Results say how late their run started, also without `schedule.lateness` in the specification,
  /// if their registry has elements for it.
  bool tell_lateness = false;
  Choices choices = {};
  /// Of a repeated specification so many results are kept, the newest; it may ask for fewer by
  /// `schedule.max-results`. Never more than `ResultsKept::newest`.
  std::size_t max_results = kNoLimit;
  /// A start that comes later than this has been missed.
  Duration tolerance = std::chrono::seconds(1);
  /// How long after the end of its scope a run is stopped: what it needs for the last answers.
  Duration grace = std::chrono::seconds(2);
  /// A run of a single time ("now"), which no scope ends, is stopped after so long, if ever.
  std::optional<Duration> longest = {};
  /// A run that was under way when the process died is begun again by the next process, whatever
  /// its scope says by then: for services that ask others, who know by the token what they did
  /// already. Else it is lost, and so is a run of a repeated specification in any case.
  bool resumes = false;
  std::size_t max_running = kNoLimit;  ///< runs at a time; more have to wait
  std::size_t max_jobs = kNoLimit;     ///< specifications planned or running; more are refused
};

}  // namespace mplane
