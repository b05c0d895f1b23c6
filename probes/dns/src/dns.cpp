#include "mplane/probes/dns.hpp"

#include "dns_run.hpp"
#include "mplane/model/error.hpp"
#include "mplane/probes/common/elements.hpp"
#include "mplane/probes/common/host_target.hpp"
#include "mplane/probes/common/settings_reader.hpp"
#include "system_servers.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace mplane {
namespace {

using namespace std::chrono_literals;

struct DnsSettings {
  Duration wait = 5s;
  std::string resolv_conf = "/etc/resolv.conf";
};

DnsSettings read_settings(const std::map<std::string, std::string, std::less<>>& settings) {
  SettingsReader reader("dns", settings);
  DnsSettings read;
  read.wait = reader.time("wait", read.wait, 100ms, 1h);
  read.resolv_conf = reader.text("resolv-conf").value_or(read.resolv_conf);
  reader.finish();
  return read;
}

ProbeOffer offer_of(IpFamily family, bool of_system) {
  const std::string tail(tail_of(family));
  ProbeOffer offer{
      .label = (of_system ? "dns-system-" : "dns-query-") + tail,
      .parameters = {{"dns.name", "*"},
                     {"dns.type", "*"},
                     {"dns.transport", "udp,tcp"},
                     {"dns.recursion", "*"},
                     {"dns.dnssec", "*"},
                     {"dns.nsid", "*"},
                     {"dns.edns.octets", "0 ... 65535"}},
      .results = {"time", "dns.outcome", "delay.twoway.dns.us", "delay.connect.tcp.us", "dns.rcode",
                  "dns.flags", "dns.answers", "dns.records", "dns.ttl.s", "dns.server.name",
                  "octets.dns", "packets.stray", "intermediate." + tail, "icmp.type", "icmp.code"}};
  if (of_system) {
    offer.results.push_back("destination." + tail);
  } else {
    offer.parameters.push_back({"destination." + tail, "*"});
    offer.parameters.push_back({"destination.port", "1 ... 65535"});
  }
  return offer;
}

DnsQuestion parse_question(const Specification& specification) {
  DnsQuestion question{
      .name = specification.get<std::string>("dns.name"),
      .type = specification.get<std::string>("dns.type"),
      .recursion = specification.get<bool>("dns.recursion"),
      .dnssec = specification.get<bool>("dns.dnssec"),
      .server_name = specification.get<bool>("dns.nsid"),
      .payload = static_cast<std::uint16_t>(specification.get<std::uint64_t>("dns.edns.octets"))};
  check_question(question);
  if (question.payload == 0 && (question.dnssec || question.server_name)) {
    throw Error(ErrorKind::Invalid, "parameters/dns.edns.octets",
                "dns.dnssec and dns.nsid take EDNS, which 0 leaves out");
  }
  return question;
}

Endpoint system_server(const DnsSettings& settings, IpFamily family) {
  constexpr std::uint16_t kDomain = 53;
  const auto servers = detail::system_servers(settings.resolv_conf);
  const auto server = std::find_if(servers.begin(), servers.end(),
                                   [&](const Address& one) { return family_of(one) == family; });
  if (server != servers.end()) return {*server, kDomain};
  throw Error(
      ErrorKind::Failed, "",
      settings.resolv_conf + " lists no server of " + (family == IpFamily::Ip4 ? "IPv4" : "IPv6"));
}

RunHost::Prepare preparation(const DnsSettings& settings, IpFamily family, bool of_system,
                             const TargetCheck& check) {
  return [=](const Specification& specification) -> RunHost::Make {
    const detail::DnsRequest request{
        .server =
            of_system ? system_server(settings, family) : endpoint_parameter(specification, family),
        .question = parse_question(specification),
        .tcp = specification.get<std::string>("dns.transport") == "tcp",
        .wait = settings.wait};
    if (check) check(request.server.host);
    return [request](Engine& engine) { return std::make_unique<detail::DnsRun>(engine, request); };
  };
}

}  // namespace

std::vector<Service> make_dns(const Registry& registry,
                              const std::map<std::string, std::string, std::less<>>& settings,
                              const ProbeContext& context) {
  const Registry& elements = probes_registry(registry, "dns");
  const DnsSettings read = read_settings(settings);
  const auto host = std::make_shared<RunHost>(context.engine);
  std::vector<Service> services;
  for (const IpFamily family : families_here("dns", context.log)) {
    for (const bool of_system : {false, true}) {
      services.push_back(make_service(make_capability(elements, offer_of(family, of_system)), host,
                                      preparation(read, family, of_system, context.check_target),
                                      read.wait));
    }
  }
  return services;
}

}  // namespace mplane
