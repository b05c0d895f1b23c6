#include "mplane/probes/ping.hpp"

#include "mplane/model/error.hpp"
#include "mplane/probe/icmp_socket.hpp"
#include "mplane/probe/local_address.hpp"
#include "mplane/probes/common/elements.hpp"
#include "mplane/scheduler/clock.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace mplane {
namespace {

/// What all services of the module share.
struct PingModule {
  PingModule(const ProbeContext& context, PingSettings with)
      : settings(std::move(with)),
        log(context.log),
        check_target(context.check_target),
        runs(context.engine) {}

  const PingSettings settings;
  const LogSink log;
  const TargetCheck check_target;
  /// Kept open, so that the kernel stamps packets from the first one of a run on, and not only a
  /// moment after a socket has asked for it.
  std::vector<std::unique_ptr<IcmpSocket>> standby;
  const PingRuns runs;
};

void log_end(const LogSink& log, const PingRequest& request, const PingReport& report) {
  if (!log) return;
  const PingStatistics statistics = summarize(report.samples);
  log({.severity = Severity::Debug,
       .component = "ping",
       .message = "a ping ended",
       .fields = {{"source", to_string(request.source)},
                  {"destination", to_string(request.destination)},
                  {"replies", std::to_string(statistics.count)},
                  {"lost", std::to_string(statistics.lost)},
                  {"duplicates", std::to_string(report.duplicates)},
                  {"late", std::to_string(report.late)},
                  {"failures", std::to_string(report.failures)},
                  {"kernel-stamps", std::to_string(report.stamps[0])},
                  {"receive-stamps", std::to_string(report.stamps[1])},
                  {"user-stamps", std::to_string(report.stamps[2])}}});
}

RunHost::Prepare prepare_with(std::shared_ptr<const PingModule> module) {
  return [module = std::move(module)](const Specification& specification) {
    const PingRequest request =
        parse_ping_request(specification, module->settings, SystemClock().now());
    if (module->check_target) module->check_target(request.destination);
    return module->runs.make(request, [log = module->log, request](const PingReport& report) {
      log_end(log, request, report);
    });
  };
}

std::unique_ptr<IcmpSocket> open_from(const std::optional<Address>& source, IpFamily family) {
  return std::make_unique<IcmpSocket>(family, IcmpSocketOptions{.source = source});
}

/// The addresses that an operator listed, all of which this host has to have.
std::vector<Address> listed_sources(const std::vector<Address>& listed, IpFamily family,
                                    PingModule& module) {
  for (const Address& source : listed) {
    try {
      module.standby.push_back(open_from(source, family));
    } catch (const Error& error) {
      throw Error(ErrorKind::Configuration, family == IpFamily::Ip4 ? "source-ip4" : "source-ip6",
                  error.message());
    }
  }
  return listed;
}

/// The kernel's choice; none where the host does not have the family.
std::vector<Address> usual_source(IpFamily family, PingModule& module) {
  std::string reason;
  try {
    module.standby.push_back(open_from(std::nullopt, family));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::Unavailable) throw;
    reason = error.message();
  }
  const Address source = default_source(family);
  try {
    if (reason.empty()) open_from(source, family);
  } catch (const Error& error) {
    reason = error.message();
  }
  if (reason.empty()) return {source};
  log(module.log,
      {.severity = Severity::Info,
       .component = "ping",
       .message = family == IpFamily::Ip4 ? "IPv4 is not offered" : "IPv6 is not offered",
       .fields = {{"reason", reason}}});
  return {};
}

std::vector<Capability> capabilities_of(const Registry& registry, IpFamily family,
                                        const std::vector<Address>& sources,
                                        const PingModule& module) {
  auto capabilities = ping_capabilities(registry, family, sources, module.settings.period);
  if (const Registry* const elements = registry.known(kProbesRegistryUri)) {
    for (auto& train : train_capabilities(*elements, family, sources, module.settings)) {
      capabilities.push_back(std::move(train));
    }
  }
  return capabilities;
}

}  // namespace

std::vector<Service> make_ping(const Registry& registry,
                               const std::map<std::string, std::string, std::less<>>& settings,
                               const ProbeContext& context) {
  const auto module = std::make_shared<PingModule>(context, parse_ping_settings(settings));
  const auto host = std::make_shared<RunHost>(context.engine);
  std::vector<Service> services;
  for (const IpFamily family : {IpFamily::Ip4, IpFamily::Ip6}) {
    const auto& listed =
        family == IpFamily::Ip4 ? module->settings.source_ip4 : module->settings.source_ip6;
    const auto sources =
        listed.empty() ? usual_source(family, *module) : listed_sources(listed, family, *module);
    if (sources.empty()) continue;
    for (Capability& capability : capabilities_of(registry, family, sources, *module)) {
      // The last packet is waited for beyond the end of the scope.
      services.push_back(
          make_service(std::move(capability), host, prepare_with(module), module->settings.wait));
    }
  }
  return services;
}

}  // namespace mplane
