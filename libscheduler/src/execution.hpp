#pragma once

#include "agenda.hpp"
#include "gate.hpp"
#include "mplane/model/specification.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>

namespace mplane::detail {

class Job;

/// A gate on a run's way, and as what it goes through it.
struct Passage {
  Gate* gate;
  JobClass job_class;
};

/// One start of a job, from when it is due until it has ended. Guarded by the planner, but for what
/// is constant.
class Execution final : public Timed, public std::enable_shared_from_this<Execution> {
 public:
  /// Where it is. A start goes through all of them or, from each, to Ended.
  enum class State : std::uint8_t {
    Waiting,   ///< before one of its gates
    Admitted,  ///< through all gates, on its way to the thread that will run it
    Running,   ///< its service was called
    Ended,
  };

  Execution(std::shared_ptr<Job> of, Specification what, Due when)
      : Timed(Kind::Execution), job(std::move(of)), specification(std::move(what)), due(when) {}

  // Constant.
  const std::shared_ptr<Job> job;
  const Specification specification;  // of this run
  const Due due;
  const std::stop_source stop;

  // Guarded by the planner.
  State state = State::Waiting;
  std::array<Passage, 5> way{};       // its gates, up to a null one
  std::size_t position = 0;           // on its way: the gate before which it waits
  std::optional<Reason> stop_reason;  // once it was asked to stop
  bool launching = false;             // the call of an asynchronous service has not returned yet
  bool abandoned = false;             // while it had not
  Now started;
};

}  // namespace mplane::detail
