#include "modules.hpp"

#include "mplane/probes/loopback.hpp"
#include "mplane/probes/ping.hpp"

namespace mplane {

std::vector<Module> list_modules(Engine& engine, const LogSink& log) {
  return {
      {"loopback", [](const Registry& registry,
                      const Settings& settings) { return make_loopback(registry, settings); }},
      {"ping",
       [&engine, log](const Registry& registry, const Settings& settings) {
         return make_ping(registry, settings, engine, log);
       }},
  };
}

}  // namespace mplane
