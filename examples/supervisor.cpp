// A supervisor: probes register with it, and a client that asks it for a ping has it from all of
// them. Each probe can be asked alone, too: "ping-average-ip4@" and its name.
//
//     example_supervisor 127.0.0.1:8890 127.0.0.1:8888      for clients, for probes
//     example_ping_probe 127.0.0.1:0 http://127.0.0.1:8888

#include "ping_service.hpp"

#include <iostream>

#include <mplane/supervisor.hpp>

namespace {

void serve(const std::string& for_clients, const std::string& for_probes) {
  const auto registry = mplane::Registry::core();
  mplane::Supervisor supervisor(
      {.registry = registry,
       .listen = for_clients,
       .insecure = true,  // an example; see doc/configuration.md for TLS
       .access = mplane::AccessControl::open()},
      {.below = {.registry = registry, .listen = for_probes, .insecure = true}, .relay = {"*"}});
  supervisor.serve(example::ping_capability(registry),
                   [&](const mplane::Specification& spec, const std::stop_token& stop) {
                     mplane::Result all(spec);
                     for (const auto& part : supervisor.ask_all("ping-average-ip4", spec, stop)) {
                       all.rows_from(part);
                     }
                     return all;
                   });
  std::cerr << "for clients: " << mplane::to_string(supervisor.component().url()) << '\n'
            << "for probes: " << mplane::to_string(supervisor.supervision().url()) << '\n';
  supervisor.run();  // until SIGINT or SIGTERM
}

}  // namespace

int main(int argc, char** argv) {
  try {
    serve(argc > 1 ? argv[1] : "127.0.0.1:8890", argc > 2 ? argv[2] : "127.0.0.1:8888");
    return 0;
  } catch (const mplane::Error& error) {
    std::cerr << error.what() << '\n';
    return mplane::traits(error.kind()).exit_code;
  }
}
