#include "mplane/probes/http.hpp"

#include "http_run.hpp"
#include "mplane/probes/common/elements.hpp"
#include "mplane/probes/common/settings_reader.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace mplane {
namespace {

using namespace std::chrono_literals;

detail::HttpSettings read_settings(
    const std::map<std::string, std::string, std::less<>>& settings) {
  SettingsReader reader("http", settings);
  detail::HttpSettings read;
  read.wait = reader.time("wait", read.wait, 100ms, 1h);
  read.names.servers = reader.name_servers("resolver");
  read.max_octets = reader.number("max-octets", read.max_octets, 0, 1'000'000'000'000);
  read.max_redirects =
      static_cast<std::uint32_t>(reader.number("max-redirects", read.max_redirects, 0, 100));
  const std::string ca_file = reader.text("ca-file").value_or("");
  reader.finish();
  read.trust = std::make_shared<const Trust>(ca_file);
  return read;
}

ProbeOffer offer_of(IpFamily family) {
  const std::string tail(tail_of(family));
  return {.label = "http-get-" + tail,
          .parameters = {{"destination.url", "*"}, {"http.version", "1.1,2"}},
          .results = {"time", "destination." + tail, "content.url", "http.outcome", "http.problem",
                      "http.status", "http.version.used", "http.redirects", "octets.layer7",
                      "delay.resolution.us", "delay.connect.tcp.us", "delay.handshake.tls.us",
                      "delay.firstbyte.us", "delay.transfer.us", "delay.total.us"}};
}

detail::HttpRequest parse_request(const Specification& specification) {
  const bool ip4 = specification.schema().find_column("destination.ip4").has_value();
  return {.url = detail::parse_http_url(specification.get<Uri>("destination.url").text()),
          .family = ip4 ? IpFamily::Ip4 : IpFamily::Ip6,
          .http2 = specification.get<std::string>("http.version") == "2"};
}

}  // namespace

std::vector<Service> make_http(const Registry& registry,
                               const std::map<std::string, std::string, std::less<>>& settings,
                               const ProbeContext& context) {
  const Registry& elements = probes_registry(registry, "http");
  const detail::HttpSettings read = read_settings(settings);
  const auto host = std::make_shared<RunHost>(context.engine);
  const auto prepare = [read, check = context.check_target](const Specification& specification) {
    return [request = parse_request(specification), read, check](Engine& engine) {
      return std::make_unique<detail::HttpRun>(engine, request, read, check);
    };
  };
  std::vector<Service> services;
  for (const IpFamily family : families_here("http", context.log)) {
    services.push_back(
        make_service(make_capability(elements, offer_of(family)), host, prepare, read.wait));
  }
  return services;
}

}  // namespace mplane
