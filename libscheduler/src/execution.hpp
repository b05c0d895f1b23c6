#pragma once

#include "agenda.hpp"
#include "gate.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/scheduler/service.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

namespace mplane::detail {

class Job;

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

  Execution(std::shared_ptr<Job> of, Specification what, Instant name, Due when)
      : Timed(Kind::Execution),
        job(std::move(of)),
        specification(std::move(what)),
        nominal(name),
        due(when) {}

  /// Why it was asked to stop, once it was. Read by anybody, set under the planner's lock.
  std::optional<Reason> stop_reason() const noexcept {
    const int reason = stop_reason_;
    if (reason == kNone) return std::nullopt;
    return static_cast<Reason>(reason);
  }
  void stop_for(Reason reason) noexcept { stop_reason_ = static_cast<int>(reason); }

  /// Unlike any other's, also in the process after this; only of a service that needs it.
  RunName name() const;

  // Constant.
  const std::shared_ptr<Job> job;
  const Specification specification;  // of this run
  const Instant nominal;              // start, by which the journal knows it
  const Due due;
  bool resumed = false;  // it was begun by a process before us; constant once it is planned

  // Guarded by the planner.
  State state = State::Waiting;
  std::uint8_t gate = 0;   // on its way: the one before which it waits
  bool launching = false;  // the call of an asynchronous service has not returned yet
  bool abandoned = false;  // while it had not
  Now started;
  std::stop_source stop{std::nostopstate};  // there is something to stop once it runs

 private:
  static constexpr int kNone = -1;
  std::atomic<int> stop_reason_ = kNone;
};

}  // namespace mplane::detail
