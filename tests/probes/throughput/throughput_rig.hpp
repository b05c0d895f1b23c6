#pragma once

#include "mplane/probe/target_policy.hpp"
#include "mplane/probes/throughput.hpp"
#include "probes/listening.hpp"
#include "probes/service_rig.hpp"

#include <cstdint>
#include <future>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace mplane::test {

inline constexpr const char* kPort = "50123";

inline ServiceRig::Make probe(Texts settings = {}, std::vector<Address> allow = {}) {
  return [settings = std::move(settings), allow = std::move(allow)](Engine& engine) {
    ProbeContext context{.engine = engine};
    if (!allow.empty()) {
      context.check_target = [policy = TargetPolicy({.allow = allow})](const Address& target) {
        policy.check(target);
      };
    }
    return make_throughput(probes_elements(), settings, context);
  };
}

/// A receiver in a network that listens once this is made.
class Receiver {
 public:
  explicit Receiver(const NetworkNamespace& network, const std::string& label,
                    const ServiceRig::Make& make = probe(), std::string_view when = "now + 1h / 1s")
      : rig_(network, make),
        later_(rig_.start(label, when, {{"destination.port", kPort}}, stop_.get_token())) {
    on_loop(rig_.engine(), [] { return true; });  // behind the run's begin
  }

  Engine& engine() noexcept { return rig_.engine(); }
  Result end() {
    stop_.request_stop();
    return result();
  }
  Result result() { return std::get<Result>(later_.get()); }

 private:
  std::stop_source stop_;
  ServiceRig rig_;
  std::future<Outcome> later_;
};

inline Texts to(const std::string& host, const std::string& rate, const std::string& port = kPort) {
  return {{host.find(':') == std::string::npos ? "destination.ip4" : "destination.ip6", host},
          {"destination.port", port},
          {"throughput.cap.bps", rate}};
}

inline std::string outcome(const Result& result) {
  return result.rows()[0].get<std::string>("throughput.outcome");
}

inline std::uint64_t number(const Row& row, std::string_view column) {
  return row.get<std::uint64_t>(column);
}

}  // namespace mplane::test
