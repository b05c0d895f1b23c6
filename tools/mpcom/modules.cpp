#include "modules.hpp"

#include "mplane/probes/loopback.hpp"
#include "mplane/probes/ping.hpp"

namespace mplane {

std::vector<Module> list_modules(const ModuleHost& host) {
  return {
      {"loopback", [](const Registry& registry,
                      const Settings& settings) { return make_loopback(registry, settings); }},
      {"ping",
       [host](const Registry& registry, const Settings& settings) {
         return make_ping(registry, settings, host.engine, host.log, host.check_target);
       }},
  };
}

}  // namespace mplane
