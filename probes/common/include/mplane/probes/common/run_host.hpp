#pragma once

#include "mplane/model/result.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/probe/engine.hpp"
#include "mplane/probe/unique_function.hpp"
#include "mplane/scheduler/service.hpp"

#include <functional>
#include <memory>
#include <stop_token>

namespace mplane {

/// One measurement under way on the engine's loop: what a probe writes to be asynchronous. Made,
/// used and destroyed on the loop. A run that is destroyed before it finished leaves nothing
/// behind: its timers and watches go with it.
class ProbeRun {
 public:
  /// To be called once, when everything is known. The run is destroyed a moment later, not within
  /// the call.
  using Finished = UniqueFunction<void()>;

  ProbeRun() = default;
  ProbeRun(const ProbeRun&) = delete;
  ProbeRun& operator=(const ProbeRun&) = delete;
  virtual ~ProbeRun() = default;

  /// Starts. @throws Error for what cannot be measured at all; then it has no result, even if it
  /// has called `finished`.
  virtual void begin(Finished finished) = 0;
  /// What is known by now, at the end or because it was asked to stop, be it before it began.
  /// Called once, last. @throws Error when that is nothing.
  virtual Result take_result(const Specification& specification) = 0;
};

/// Runs the measurements of one module on an engine's loop, any number at once: begins them, ends
/// them when they are finished or asked to stop, says in each result how it was measured
/// (`Conditions`), and turns what they throw into exceptions. Thread-safe.
class RunHost {
 public:
  /// Makes a run; called on the loop.
  using Make = std::function<std::unique_ptr<ProbeRun>(Engine&)>;
  /// Reads what a specification asks for, and says how that is to be run. Called on the thread that
  /// starts the run; what it throws refuses the run.
  using Prepare = std::function<Make(const Specification&)>;

  /// The engine outlives the host.
  explicit RunHost(Engine& engine);
  /// Abandons what runs.
  ~RunHost();
  RunHost(const RunHost&) = delete;
  RunHost& operator=(const RunHost&) = delete;

  Engine& engine() noexcept { return engine_; }
  void start(const Specification& specification, Make make, std::stop_token stop,
             Completion completion);

 private:
  class Table;
  Engine& engine_;
  std::shared_ptr<Table> table_;
};

/// A service's function that prepares each run and hands it to the host.
AsyncRun run_on(std::shared_ptr<RunHost> host, RunHost::Prepare prepare);

}  // namespace mplane
