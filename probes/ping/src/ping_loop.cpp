#include "ping_loop.hpp"

#include <chrono>
#include <utility>

namespace mplane::detail {

void PingLoop::start(const PingRequest& request, std::stop_token stop, Done done) {
  if (stop.stop_requested()) {
    const auto now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    return done(PingReport{.first = now, .last = now, .samples = {}});
  }
  const RunId id = next_id_++;
  try {
    Pinger& pinger = pinger_from(request.source);
    Entry& entry = runs_[id];
    entry.run = std::make_unique<PingRun>(engine_, pinger, request, [this, id] { finish(id); });
    entry.run->begin();
    entry.done = std::move(done);
    stop_when_asked(entry, id, std::move(stop));
  } catch (const Error& error) {
    runs_.erase(id);
    const auto pinger = pingers_.find(request.source);
    // If the source is gone, the next attempt says so.
    if (pinger != pingers_.end() && pinger->second.is_idle()) pingers_.erase(pinger);
    done(error);
  }
}

Pinger& PingLoop::pinger_from(const Address& source) {
  return pingers_.try_emplace(source, engine_, source).first->second;
}

void PingLoop::stop_when_asked(Entry& entry, RunId id, std::stop_token stop) {
  const auto on_loop = [weak = weak_from_this(), id] {
    if (const auto self = weak.lock()) self->finish(id);
  };
  entry.on_stop = std::make_unique<OnStop>(std::move(stop),
                                           [&engine = engine_, on_loop] { engine.post(on_loop); });
}

void PingLoop::finish(RunId id) {
  auto ended = runs_.extract(id);
  if (ended.empty()) return;
  Entry& entry = ended.mapped();
  PingReport report = entry.run->take_report();
  entry.run.reset();
  entry.done(std::move(report));
}

}  // namespace mplane::detail
