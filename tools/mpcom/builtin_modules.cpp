#include "mplane/mpcom/builtin_modules.hpp"

#include "collect_config.hpp"
#include "exec_config.hpp"
#include "mplane/probes/dns.hpp"
#include "mplane/probes/exec.hpp"
#include "mplane/probes/http.hpp"
#include "mplane/probes/loopback.hpp"
#include "mplane/probes/ping.hpp"
#include "mplane/probes/stamp.hpp"
#include "mplane/probes/system.hpp"
#include "mplane/probes/tcp.hpp"
#include "mplane/probes/throughput.hpp"
#include "mplane/probes/tls.hpp"
#include "mplane/probes/trace.hpp"

namespace mplane {
namespace {

ProbeContext context_of(const ModuleHost& host) {
  return {.engine = host.engine, .log = host.log, .check_target = host.check_target};
}

}  // namespace

std::vector<Module> builtin_modules(const ModuleHost& host) {
  return {
      {"collect", [](const Registry& registry,
                     ConfigSection& settings) { return read_collect(registry, settings); }},
      {"dns",
       [host](const Registry& registry, const Settings& settings) {
         return make_dns(registry, settings, context_of(host));
       }},
      {"exec", [host](const Registry& registry,
                      ConfigSection& settings) { return read_exec(registry, settings, host); }},
      {"http",
       [host](const Registry& registry, const Settings& settings) {
         return make_http(registry, settings, context_of(host));
       }},
      {"loopback", [](const Registry& registry,
                      const Settings& settings) { return make_loopback(registry, settings); }},
      {"ping",
       [host](const Registry& registry, const Settings& settings) {
         return make_ping(registry, settings, context_of(host));
       }},
      {"stamp",
       [host](const Registry& registry, const Settings& settings) {
         return make_stamp(registry, settings, context_of(host));
       }},
      {"system",
       [host](const Registry& registry, const Settings& settings) {
         return make_system(registry, settings, context_of(host));
       }},
      {"tcp",
       [host](const Registry& registry, const Settings& settings) {
         return make_tcp(registry, settings, context_of(host));
       }},
      {"throughput",
       [host](const Registry& registry, const Settings& settings) {
         return make_throughput(registry, settings, context_of(host));
       }},
      {"tls",
       [host](const Registry& registry, const Settings& settings) {
         return make_tls(registry, settings, context_of(host));
       }},
      {"trace",
       [host](const Registry& registry, const Settings& settings) {
         return make_trace(registry, settings, context_of(host));
       }},
  };
}

}  // namespace mplane
