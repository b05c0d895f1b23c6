#include "mplane/probes/tcp.hpp"

#include "mplane/probes/common/elements.hpp"
#include "mplane/probes/common/settings_reader.hpp"
#include "tcp_run.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace mplane {
namespace {

using namespace std::chrono_literals;

detail::TcpSettings read_settings(const std::map<std::string, std::string, std::less<>>& settings) {
  SettingsReader reader("tcp", settings);
  detail::TcpSettings read;
  read.wait = reader.time("wait", read.wait, 100ms, 1h);
  read.names.servers = reader.name_servers("resolver");
  reader.finish();
  return read;
}

ProbeOffer offer_of(IpFamily family) {
  const std::string tail(tail_of(family));
  return {.label = "tcp-connect-" + tail,
          .parameters = {{"destination.name", "*"}, {"destination.port", "1 ... 65535"}},
          .results = {"time", "destination." + tail, "connect.outcome", "delay.resolution.us",
                      "delay.connect.tcp.us", "rtt.us", "retransmissions.tcp", "octets.segment.tcp",
                      "source.port", "intermediate." + tail, "icmp.type", "icmp.code"}};
}

}  // namespace

std::vector<Service> make_tcp(const Registry& registry,
                              const std::map<std::string, std::string, std::less<>>& settings,
                              const ProbeContext& context) {
  const Registry& elements = probes_registry(registry, "tcp");
  const detail::TcpSettings read = read_settings(settings);
  const auto host = std::make_shared<RunHost>(context.engine);
  const auto prepare = [read, check = context.check_target](const Specification& specification) {
    return [target = parse_host_target(specification), read, check](Engine& engine) {
      return std::make_unique<detail::TcpRun>(engine, target, read, check);
    };
  };
  std::vector<Service> services;
  for (const IpFamily family : families_here("tcp", context.log)) {
    services.push_back(make_service(make_capability(elements, offer_of(family)), host, prepare,
                                    read.names.timeout + read.wait));
  }
  return services;
}

}  // namespace mplane
