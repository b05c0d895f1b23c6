#include "mplane/probes/ping/run.hpp"

#include "ping_loop.hpp"

#include <utility>

namespace mplane {

PingRunner::PingRunner(Engine& engine)
    : engine_(engine), loop_(std::make_shared<detail::PingLoop>(engine)) {}

PingRunner::~PingRunner() {
  // What lives on the loop dies there, behind all that was posted before.
  engine_.post([loop = std::move(loop_)] {});
}

void PingRunner::start(const PingRequest& request, std::stop_token stop, Done done) {
  engine_.post([loop = loop_, request, stop = std::move(stop), done = std::move(done)]() mutable {
    loop->start(request, std::move(stop), std::move(done));
  });
}

}  // namespace mplane
