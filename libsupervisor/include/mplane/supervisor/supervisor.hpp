#pragma once

#include "mplane/component/component.hpp"
#include "mplane/supervisor/supervision.hpp"

#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mplane {

/// A component with others below it: a Component and its Supervision in one. A resource;
/// thread-safe.
///
///     Supervisor supervisor({.listen = "…", …}, {.below = {…}, .relay = {"*"}});
///     supervisor.serve(mesh, [&](const Specification& specification, std::stop_token stop) {
///       Result all(specification);
///       for (const Result& part : supervisor.ask_all("ping-*", specification, stop)) {
///         all.rows_from(part);
///       }
///       return all;
///     });
///     supervisor.run();
class Supervisor {
 public:
  /// @throws as Component and Supervision.
  Supervisor(const ComponentOptions& above, SupervisionOptions options)
      : component_(above), supervision_(component_, std::move(options)) {}
  ~Supervisor() { stop(); }
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// As Component::serve.
  Capability serve(Service service) { return component_.serve(std::move(service)); }
  Capability serve(Capability capability, Run run) {
    return component_.serve(std::move(capability), std::move(run));
  }
  /// As Supervision::ask_all.
  std::vector<Result> ask_all(std::string_view label, const Specification& specification,
                              const std::stop_token& stop = {}) {
    return supervision_.ask_all(label, specification, stop);
  }

  void start() {
    supervision_.start();
    component_.start();
  }
  /// As Component::run.
  std::vector<std::string> run() {
    supervision_.start();
    auto unended = component_.run();
    supervision_.stop();
    return unended;
  }
  /// As Component::stop: the components below are let go after those above.
  std::vector<std::string> stop() {
    auto unended = component_.stop();
    supervision_.stop();
    return unended;
  }

  Component& component() noexcept { return component_; }
  Supervision& supervision() noexcept { return supervision_; }

 private:
  Component component_;
  Supervision supervision_;
};

}  // namespace mplane
