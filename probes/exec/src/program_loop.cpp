#include "program_loop.hpp"

#include <chrono>
#include <utility>

namespace mplane::detail {

void ProgramLoop::start(const ProgramCall& call, std::stop_token stop, ProgramRunner::Done done) {
  if (stop.stop_requested()) {
    const auto now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    return done(ProgramEnd{.cause = ProgramEnd::Cause::Interrupt,
                           .conditions = Conditions::now(runs_.size()),
                           .first = now,
                           .last = now});
  }
  const RunId id = next_id_++;
  try {
    const Conditions found = Conditions::now(runs_.size());
    Entry& entry = runs_[id];
    entry.run = std::make_unique<ProgramRun>(engine_, call, found, [this, id] { finish(id); });
    entry.on_stop = std::make_unique<OnStop>(
        std::move(stop), [this, id] { engine_.post([this, id] { interrupt(id); }); });
    entry.done = std::move(done);
  } catch (const Error& error) {
    runs_.erase(id);
    done(error);
  }
}

void ProgramLoop::interrupt(const RunId id) {
  const auto found = runs_.find(id);
  if (found != runs_.end()) found->second.run->stop(ProgramEnd::Cause::Interrupt);
}

void ProgramLoop::finish(const RunId id) {
  auto ended = runs_.extract(id);
  Entry& entry = ended.mapped();
  ProgramEnd end = entry.run->take_end();
  entry.run.reset();  // with its descriptors, before anybody hears of its end
  entry.done(std::move(end));
}

}  // namespace mplane::detail
