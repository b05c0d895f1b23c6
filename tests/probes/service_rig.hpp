#pragma once

#include "mplane/model/error.hpp"
#include "mplane/probe/engine.hpp"
#include "mplane/scheduler/service.hpp"
#include "probe/on_loop.hpp"
#include "probes/elements.hpp"
#include "support/link/network_namespace.hpp"

#include <algorithm>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace mplane::test {

using Texts = std::map<std::string, std::string, std::less<>>;

/// The services of a module on an engine in some network, run as a scheduler would.
class ServiceRig {
 public:
  using Make = std::function<std::vector<Service>(Engine&)>;

  ServiceRig(const NetworkNamespace& network, const Make& make) {
    engine_.start();
    services_ = on_loop(engine_, [&] {
      network.enter();
      return make(engine_);
    });
  }
  /// In the test's own network.
  explicit ServiceRig(const Make& make) {
    engine_.start();
    services_ = on_loop(engine_, [&] { return make(engine_); });
  }
  ~ServiceRig() { engine_.stop(); }
  ServiceRig(const ServiceRig&) = delete;
  ServiceRig& operator=(const ServiceRig&) = delete;

  Engine& engine() noexcept { return engine_; }

  std::vector<std::string> labels() const {
    std::vector<std::string> labels;
    for (const Service& service : services_) labels.push_back(service.capability.label());
    return labels;
  }

  const Service& service(std::string_view label) const {
    const auto found =
        std::find_if(services_.begin(), services_.end(),
                     [&](const Service& service) { return service.capability.label() == label; });
    if (found == services_.end()) throw std::runtime_error("no service " + std::string(label));
    return *found;
  }

  /// Starts a run; what it throws at once is thrown here.
  std::future<Outcome> start(std::string_view label, std::string_view when, const Texts& parameters,
                             std::stop_token stop = {}) {
    auto builder = service(label).capability.specify(when);
    for (const auto& [name, value] : parameters) {
      builder = std::move(builder).set(name, Value(value));
    }
    const Specification specification = std::move(builder).build();
    const auto promise = std::make_shared<std::promise<Outcome>>();
    Completion completion([promise](Outcome outcome) { promise->set_value(std::move(outcome)); });
    std::get<AsyncRun>(service(label).run)(specification, std::move(stop), std::move(completion));
    return promise->get_future();
  }

  Outcome run(std::string_view label, const Texts& parameters, std::string_view when = "now") {
    return start(label, when, parameters).get();
  }

  /// The result of a run that has one. @throws std::runtime_error with the exception's words.
  Result result(std::string_view label, const Texts& parameters, std::string_view when = "now") {
    Outcome outcome = run(label, parameters, when);
    if (const auto* const exception = std::get_if<Exception>(&outcome)) {
      throw std::runtime_error(exception->message());
    }
    return std::get<Result>(std::move(outcome));
  }

  /// Why a run has none.
  std::string exception(std::string_view label, const Texts& parameters,
                        std::string_view when = "now") {
    try {
      const Outcome outcome = run(label, parameters, when);
      const auto* const exception = std::get_if<Exception>(&outcome);
      return exception == nullptr ? "a result" : exception->message();
    } catch (const Error& error) {
      return error.message();
    }
  }

 private:
  Engine engine_;
  std::vector<Service> services_;
};

}  // namespace mplane::test
