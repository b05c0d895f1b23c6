#pragma once

#include "mplane/probe/engine.hpp"
#include "mplane/probes/common/run_host.hpp"
#include "mplane/probes/ping/report.hpp"
#include "mplane/probes/ping/request.hpp"

#include <functional>
#include <memory>

namespace mplane {

namespace detail {
class Pingers;
}

/// Makes pings for a RunHost: any number at once, to as many targets, with one socket for each
/// address that is sent from. Thread-safe.
class PingRuns {
 public:
  /// Told, on the loop, what a ping came to, before its result is made.
  using Told = std::function<void(const PingReport&)>;

  /// The engine is the host's, and outlives us.
  explicit PingRuns(Engine& engine);
  /// What runs goes on.
  ~PingRuns();
  PingRuns(const PingRuns&) = delete;
  PingRuns& operator=(const PingRuns&) = delete;

  /// How to run a ping. It ends as soon as the fate of all its packets is known; or when it is
  /// asked to stop, with those that are known by then. A source that is no address of this host, a
  /// target that cannot be sent to from there, or a missing right is an Error; silence and ICMP
  /// errors are losses.
  RunHost::Make make(const PingRequest& request, Told told = {}) const;

 private:
  Engine& engine_;
  std::shared_ptr<detail::Pingers> pingers_;
};

}  // namespace mplane
