#pragma once

#include "mplane/model/error.hpp"
#include "mplane/probe/engine.hpp"
#include "mplane/probe/unique_function.hpp"
#include "mplane/probes/ping/report.hpp"
#include "mplane/probes/ping/request.hpp"

#include <memory>
#include <stop_token>
#include <variant>

namespace mplane {

namespace detail {
class PingLoop;
}

/// Runs pings: any number at once, to as many targets, on an engine's loop, with one socket for
/// each address that is sent from. Thread-safe.
class PingRunner {
 public:
  /// What a ping came to, or why it could not be run.
  using Outcome = std::variant<PingReport, Error>;
  /// Called once, on the loop; destroyed uncalled if the runner goes before the ping has ended.
  using Done = UniqueFunction<void(Outcome)>;

  /// The engine outlives the runner.
  explicit PingRunner(Engine& engine);
  /// Abandons what runs.
  ~PingRunner();
  PingRunner(const PingRunner&) = delete;
  PingRunner& operator=(const PingRunner&) = delete;

  /// Starts a ping and returns at once. It ends as soon as the fate of all its packets is known; or
  /// when it is asked to stop, with those that are known by then. A source that is no address of
  /// this host, a target that cannot be sent to from there, or a missing right is an Error; silence
  /// and ICMP errors are losses.
  void start(const PingRequest& request, std::stop_token stop, Done done);

 private:
  Engine& engine_;
  std::shared_ptr<detail::PingLoop> loop_;
};

}  // namespace mplane
