#pragma once

#include "child_process.hpp"
#include "mplane/probe/engine.hpp"
#include "mplane/probes/exec/run.hpp"

#include <optional>
#include <string>

namespace mplane::detail {

/// One program under way. Lives on the engine's loop.
///
///     runs --ends--> reported
///      `--interrupt, time limit, output limit--> SIGTERM --ends, or SIGKILL and ends--> reported
class ProgramRun {
 public:
  /// Called once, from a handler of the run's own; may destroy the run as the last thing it does.
  using Ended = UniqueFunction<void()>;

  /// Starts the program. @throws Error{Failed, Unavailable}.
  ProgramRun(Engine& engine, const ProgramCall& call, const Conditions& found, Ended ended);

  /// Stops the program; does nothing when that was begun before.
  void stop(ProgramEnd::Cause cause);
  /// How it ended. Once, after it did.
  ProgramEnd take_end();

 private:
  struct Stream {
    Pipe pipe;
    Watch watch;  // goes before the pipe does
  };

  void watch(Stream& stream, void (ProgramRun::*take)(std::string_view));
  /// Reads what is there, at most `most` bytes. @return whether there may be more.
  bool read(Stream& stream, void (ProgramRun::*take)(std::string_view), std::size_t most);
  void take_output(std::string_view bytes);
  void take_complaint(std::string_view bytes);
  void count(std::size_t bytes);
  void finish();

  Engine& engine_;
  const std::size_t output_limit_;
  const Duration kill_after_;
  Ended ended_;
  ProgramEnd end_;
  std::size_t printed_ = 0;
  Stream out_;
  Stream err_;
  std::optional<ChildProcess> child_;
  Watch exit_;
  Timer deadline_;
  Timer kill_;
};

}  // namespace mplane::detail
