#pragma once

#include "mplane/model/error.hpp"
#include "mplane/model/log.hpp"
#include "mplane/model/time.hpp"
#include "mplane/probe/engine.hpp"
#include "mplane/probe/unique_function.hpp"
#include "mplane/probes/common/conditions.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

namespace mplane {

namespace detail {
class ProgramLoop;
}

/// One program to be run. Nothing of it is expanded or looked up. A value.
struct ProgramCall {
  std::string program;                        ///< an absolute path
  std::vector<std::string> arguments = {};    ///< without the program's name, which comes first
  std::vector<std::string> environment = {};  ///< "NAME=value", and nothing else
  std::string directory = "/";
  std::optional<Duration> time_limit = {};  ///< from its start; none is no limit
  Duration kill_after = std::chrono::seconds(2);
  std::size_t output_limit = std::size_t{1} << 20U;  ///< bytes, standard output and error together
};

/// How a program ended.
struct ProgramEnd {
  enum class Cause : std::uint8_t { Itself, Interrupt, TimeLimit, OutputLimit };

  Cause cause = Cause::Itself;  ///< why we stopped it, if we did
  std::optional<int> exit_code = {};
  std::optional<int> signal = {};  ///< the one that killed it
  std::string output = {};         ///< its standard output, within the limit
  std::string complaint = {};      ///< the end of its standard error, a kilobyte at most
  Conditions conditions = {};      ///< when it was started; beside which others of the runner
  Instant first = {};
  Instant last = {};
};

/// Runs programs: any number at once, on one event loop of its own, so that neither starting them
/// nor reading what they print disturbs the timing of packets elsewhere. Thread-safe.
///
/// A program gets a session of its own, no input, the environment and descriptors of the call and
/// no others. It is stopped by SIGTERM to its process group, `kill_after` later by SIGKILL; what it
/// left in its group when it ended is killed, too, and not waited for.
class ProgramRunner {
 public:
  /// How it ended, or why it could not be started.
  using Outcome = std::variant<ProgramEnd, Error>;
  /// Called once, on the runner's loop; destroyed uncalled if the runner goes before.
  using Done = UniqueFunction<void(Outcome)>;

  explicit ProgramRunner(LogSink log = {});
  /// Kills what runs.
  ~ProgramRunner();
  ProgramRunner(const ProgramRunner&) = delete;
  ProgramRunner& operator=(const ProgramRunner&) = delete;

  /// Starts a program and returns at once. The first call starts the loop's thread.
  void start(ProgramCall call, std::stop_token stop, Done done);

 private:
  Engine engine_;
  std::unique_ptr<detail::ProgramLoop> loop_;
};

}  // namespace mplane
