#pragma once

#include "mplane/model/capability.hpp"
#include "mplane/model/registry.hpp"
#include "mplane/probe/engine.hpp"
#include "mplane/probes/ping.hpp"
#include "probe/on_loop.hpp"
#include "support/link/network_namespace.hpp"

#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <utility>
#include <variant>

namespace mplane::test {

/// An engine and a host of pings, in the test's own network or in another one.
class PingRig {
 public:
  PingRig() : PingRig(nullptr) {}
  explicit PingRig(const NetworkNamespace& network) : PingRig(&network) {}

  Engine& engine() noexcept { return engine_; }

  /// Starts a ping; the future has its report or the words of its exception, or breaks if there
  /// will be neither.
  std::future<PingReport> start(const PingRequest& request, std::stop_token stop = {}) {
    struct Ping {
      std::promise<PingReport> promise;
      PingReport report = {};
    };
    const auto ping = std::make_shared<Ping>();
    const auto told = [ping](const PingReport& report) { ping->report = report; };
    Completion completion([ping](const Outcome& outcome) {
      if (std::holds_alternative<Result>(outcome)) {
        ping->promise.set_value(std::move(ping->report));
      } else if (const auto* const exception = std::get_if<Exception>(&outcome)) {
        const std::runtime_error error(exception->message());
        ping->promise.set_exception(std::make_exception_ptr(error));
      }
    });
    host_->start(specification_, runs_->make(request, told), std::move(stop),
                 std::move(completion));
    return ping->promise.get_future();
  }

  /// Runs a ping to its end. @throws std::runtime_error with the words of its exception.
  PingReport run(const PingRequest& request) { return start(request).get(); }

  /// Has the engine's thread do something before anything else.
  template <typename F>
  void first(F function) {
    on_loop(engine_, std::move(function));
  }

  /// Ends the host, and what runs with it.
  void drop_host() { host_.reset(); }

 private:
  explicit PingRig(const NetworkNamespace* network) {
    engine_.start();
    if (network != nullptr) on_loop(engine_, [&] { network->enter(); });
    host_.emplace(engine_);
    runs_.emplace(engine_);
  }

  /// Of some ping: what a host makes its results for. The reports are what counts here.
  static Specification any() {
    const Address here = Ip4::parse("127.0.0.1");
    const auto capabilities =
        ping_capabilities(Registry::core(), IpFamily::Ip4, {here}, std::chrono::seconds(1));
    return capabilities.front().specify("now + 1s / 1s").set("destination.ip4", here).build();
  }

  const Specification specification_ = any();
  Engine engine_;
  std::optional<PingRuns> runs_;
  std::optional<RunHost> host_;
};

}  // namespace mplane::test
