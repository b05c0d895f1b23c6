#include "mplane/probes/exec/run.hpp"

#include "program_loop.hpp"

#include <utility>

namespace mplane {

ProgramRunner::ProgramRunner(LogSink log)
    : engine_(std::move(log)), loop_(std::make_unique<detail::ProgramLoop>(engine_)) {}

ProgramRunner::~ProgramRunner() { engine_.stop(); }

void ProgramRunner::start(ProgramCall call, std::stop_token stop, Done done) {
  engine_.start();
  engine_.post(
      [loop = loop_.get(), call = std::move(call), stop = std::move(stop),
       done = std::move(done)]() mutable { loop->start(call, std::move(stop), std::move(done)); });
}

}  // namespace mplane
