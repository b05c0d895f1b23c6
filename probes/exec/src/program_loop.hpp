#pragma once

#include "mplane/probes/exec/run.hpp"
#include "program_run.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <unordered_map>

namespace mplane::detail {

/// The part of a ProgramRunner that lives on its loop: what runs. It goes after the engine stopped.
class ProgramLoop {
 public:
  explicit ProgramLoop(Engine& engine) : engine_(engine) {}

  void start(const ProgramCall& call, std::stop_token stop, ProgramRunner::Done done);

 private:
  using RunId = std::uint64_t;
  using OnStop = std::stop_callback<std::function<void()>>;

  struct Entry {
    std::unique_ptr<ProgramRun> run;
    ProgramRunner::Done done;
    std::unique_ptr<OnStop> on_stop;
  };

  void interrupt(RunId id);
  void finish(RunId id);

  Engine& engine_;
  std::unordered_map<RunId, Entry> runs_;
  RunId next_id_ = 0;
};

}  // namespace mplane::detail
