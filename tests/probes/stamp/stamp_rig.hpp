#pragma once

#include "mplane/probes/stamp.hpp"
#include "probes/service_rig.hpp"
#include "support/link/two_hosts.hpp"

#include <future>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>

namespace mplane::test {

/// A train ends when all is replied to: who waits for long, does so only for what was lost, or held
/// by a busy machine.
inline const char* const kLong = "10s";
inline const char* const kShort = "2s";

inline ServiceRig::Make stamp(const Texts& settings = {{"wait", kLong}}, TargetCheck check = {}) {
  return [settings, check](Engine& engine) {
    return make_stamp(probes_elements(), settings, {.engine = engine, .check_target = check});
  };
}

/// A reflector that listens in some network until it is stopped.
class Reflecting {
 public:
  explicit Reflecting(const NetworkNamespace& network, std::string family = "ip4",
                      const Texts& settings = {}, TargetCheck check = {})
      : rig_(network, stamp(settings, std::move(check))), label_("stamp-reflector-" + family) {
    listen();
  }

  void listen() {
    stop_ = {};
    outcome_ = rig_.start(label_, "now ... future", {}, stop_.get_token());
    on_loop(rig_.engine(), [] {});  // what was posted before has begun
  }

  /// Ends it. @return what it saw.
  Result stop() {
    stop_.request_stop();
    Outcome outcome = outcome_.get();
    if (const auto* const exception = std::get_if<Exception>(&outcome)) {
      throw std::runtime_error(exception->message());
    }
    return std::get<Result>(std::move(outcome));
  }

  ServiceRig& rig() noexcept { return rig_; }

 private:
  ServiceRig rig_;
  const std::string label_;
  std::stop_source stop_;
  std::future<Outcome> outcome_;
};

/// A train to host b.
inline Texts train_to(const std::string& host, int packets, int interval_us = 10'000,
                      const std::string& port = "862") {
  const bool ip6 = host.find(':') != std::string::npos;
  return {{ip6 ? "destination.ip6" : "destination.ip4", host},
          {"destination.port", port},
          {"train.packets", std::to_string(packets)},
          {"train.interval.us", std::to_string(interval_us)},
          {"dscp.ip", "0"},
          {"stamp.mode", "unauthenticated"},
          {"stamp.reflector", "stateful"}};
}

inline std::uint64_t number(const Row& row, std::string_view column) {
  return row.get<std::uint64_t>(column);
}

inline std::string metadata(const Result& result, const std::string& name) {
  const auto* const value = result.find_metadata(name);
  return value == nullptr ? "none" : to_string(*value);
}

}  // namespace mplane::test
