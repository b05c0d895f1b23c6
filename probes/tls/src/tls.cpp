#include "mplane/probes/tls.hpp"

#include "mplane/probes/common/elements.hpp"
#include "mplane/probes/common/settings_reader.hpp"
#include "tls_run.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace mplane {
namespace {

using namespace std::chrono_literals;

detail::TlsSettings read_settings(const std::map<std::string, std::string, std::less<>>& settings) {
  SettingsReader reader("tls", settings);
  detail::TlsSettings read;
  read.wait = reader.time("wait", read.wait, 100ms, 1h);
  read.names.servers = reader.name_servers("resolver");
  read.ca_file = reader.text("ca-file").value_or("");
  reader.finish();
  return read;
}

ProbeOffer offer_of(IpFamily family) {
  const std::string tail(tail_of(family));
  return {
      .label = "tls-handshake-" + tail,
      .parameters = {{"destination.name", "*"}, {"destination.port", "1 ... 65535"}},
      .results = {"time", "destination." + tail, "tls.outcome", "tls.problem",
                  "delay.resolution.us", "delay.connect.tcp.us", "delay.handshake.tls.us",
                  "tls.version", "tls.cipher", "tls.group", "tls.alpn", "certificate.subject",
                  "certificate.issuer", "certificate.names", "certificate.start", "certificate.end",
                  "certificate.trusted", "certificate.problem", "certificate.matches"}};
}

}  // namespace

std::vector<Service> make_tls(const Registry& registry,
                              const std::map<std::string, std::string, std::less<>>& settings,
                              const ProbeContext& context) {
  const Registry& elements = probes_registry(registry, "tls");
  const detail::TlsSettings read = read_settings(settings);
  const auto client = std::make_shared<const detail::TlsClient>(Trust(read.ca_file));
  const auto host = std::make_shared<RunHost>(context.engine);
  const auto prepare = [read, client,
                        check = context.check_target](const Specification& specification) {
    return [target = parse_host_target(specification), read, check, client](Engine& engine) {
      return std::make_unique<detail::TlsRun>(engine, target, read, check, client);
    };
  };
  std::vector<Service> services;
  for (const IpFamily family : families_here("tls", context.log)) {
    services.push_back(make_service(make_capability(elements, offer_of(family)), host, prepare,
                                    read.names.timeout + 2 * read.wait));
  }
  return services;
}

}  // namespace mplane
