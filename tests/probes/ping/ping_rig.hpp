#pragma once

#include "mplane/probe/engine.hpp"
#include "mplane/probes/ping.hpp"
#include "probe/on_loop.hpp"
#include "support/link/network_namespace.hpp"

#include <future>
#include <memory>
#include <optional>
#include <stop_token>
#include <variant>

namespace mplane::test {

/// An engine and a runner of pings, in the test's own network or in another one.
class PingRig {
 public:
  PingRig() : PingRig(nullptr) {}
  explicit PingRig(const NetworkNamespace& network) : PingRig(&network) {}

  Engine& engine() noexcept { return engine_; }

  /// Starts a ping; the future has its outcome, or breaks if there will be none.
  std::future<PingRunner::Outcome> start(const PingRequest& request, std::stop_token stop = {}) {
    std::promise<PingRunner::Outcome> promise;
    auto outcome = promise.get_future();
    runner_->start(request, std::move(stop),
                   [promise = std::move(promise)](PingRunner::Outcome what) mutable {
                     promise.set_value(std::move(what));
                   });
    return outcome;
  }

  /// Runs a ping to its end. @throws the Error that it ended with.
  PingReport run(const PingRequest& request) {
    PingRunner::Outcome outcome = start(request).get();
    if (const auto* const error = std::get_if<Error>(&outcome)) throw *error;
    return std::get<PingReport>(std::move(outcome));
  }

  /// Has the engine's thread do something before anything else.
  template <typename F>
  void first(F function) {
    on_loop(engine_, std::move(function));
  }

  /// Ends the runner, and what runs with it.
  void drop_runner() { runner_.reset(); }

 private:
  explicit PingRig(const NetworkNamespace* network) {
    engine_.start();
    if (network != nullptr) on_loop(engine_, [&] { network->enter(); });
    runner_.emplace(engine_);
  }

  Engine engine_;
  std::optional<PingRunner> runner_;
};

}  // namespace mplane::test
