#include "mplane/probes/ping/run.hpp"

#include "ping_run.hpp"
#include "pingers.hpp"

#include <utility>

namespace mplane {

PingRuns::PingRuns(Engine& engine)
    : engine_(engine), pingers_(std::make_shared<detail::Pingers>(engine)) {}

PingRuns::~PingRuns() {
  // What lives on the loop dies there.
  engine_.post([pingers = std::move(pingers_)] {});
}

RunHost::Make PingRuns::make(const PingRequest& request, Told told) const {
  return [pingers = pingers_, request, told = std::move(told)](Engine& engine) {
    return std::make_unique<detail::PingRun>(engine, pingers, request, told);
  };
}

}  // namespace mplane
