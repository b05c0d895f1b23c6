#pragma once

#include "component/counter.hpp"
#include "component/fake_supervisor.hpp"
#include "mplane/component.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace mplane::test {

using Lines = std::vector<std::string>;

inline SupervisorOptions at(const FakeSupervisor& supervisor, const unsigned priority = 0) {
  return {.url = supervisor.url(), .priority = priority};
}

/// A component that calls supervisors, with a service "ping" that is ended by hand.
struct Caller {
  explicit Caller(std::vector<SupervisorOptions> supervisors, ComponentOptions more = {})
      : component(options(std::move(supervisors), std::move(more))),
        ping(component.serve(ping_capability(), runs.service())) {
    component.start();
    clock.settle();
  }

  /// What still runs is abandoned: on this clock nobody would wait for it in vain.
  ~Caller() {
    while (finished < runs.starts()) take();
  }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  ComponentOptions options(std::vector<SupervisorOptions> supervisors, ComponentOptions options) {
    options.listen = "";
    options.supervisors = std::move(supervisors);
    options.insecure = !options.tls;
    options.access = options.tls ? options.access : AccessControl::open();
    options.calling.seed = 1;
    options.clock = &clock;
    options.log = log.sink();
    return options;
  }

  Specification specification(const std::string& token, const std::string& when = "now + 3s") {
    return ask(ping, when, token);
  }
  /// Has it asked by the supervisor, and lets it come for it.
  void ask_for(FakeSupervisor& supervisor, const Message& message) {
    supervisor.queue(message);
    clock.advance(std::chrono::seconds(6));
  }
  ByHand::Started take() {
    ++finished;
    return runs.take();
  }
  void finish(const std::uint64_t count) {
    ByHand::Started oldest = take();
    oldest.completion(counted(oldest.specification, count));
    clock.settle();
  }

  LogBook log;
  FakeClock clock;
  ByHand runs;
  std::size_t finished = 0;
  Component component;
  Capability ping;
};

}  // namespace mplane::test
