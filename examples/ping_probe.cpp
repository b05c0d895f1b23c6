// A probe: offers a measurement, and runs it for whoever asks.
//
//     example_ping_probe 127.0.0.1:8890
//     example_ping_probe 127.0.0.1:0 http://127.0.0.1:8888     and registers with a supervisor

#include "ping_service.hpp"

#include <iostream>

#include <mplane/component.hpp>

namespace {

using Supervisors = std::vector<mplane::SupervisorOptions>;

void serve(const std::string& address, const Supervisors& supervisors) {
  const auto registry = mplane::Registry::core();  // an object, not a global
  mplane::Component probe({.registry = registry,
                           .listen = address,
                           .supervisors = supervisors,
                           .insecure = true,  // an example; see doc/configuration.md for TLS
                           .access = mplane::AccessControl::open()});
  probe.serve(example::ping_capability(registry), example::run_ping);
  std::cerr << "listening at " << mplane::to_string(probe.url()) << '\n';
  probe.run();  // until SIGINT or SIGTERM
}

}  // namespace

int main(int argc, char** argv) {
  try {
    Supervisors supervisors;
    if (argc > 2) supervisors.push_back({.url = mplane::Url::parse(argv[2])});
    serve(argc > 1 ? argv[1] : "127.0.0.1:8890", supervisors);
    return 0;
  } catch (const mplane::Error& error) {
    std::cerr << error.what() << '\n';
    return mplane::traits(error.kind()).exit_code;
  }
}
