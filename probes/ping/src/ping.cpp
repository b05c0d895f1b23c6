#include "mplane/probes/ping.hpp"

#include "mplane/model/error.hpp"
#include "mplane/probe/icmp_socket.hpp"
#include "mplane/probe/local_address.hpp"
#include "mplane/probes/common/conditions.hpp"
#include "mplane/probes/common/elements.hpp"
#include "mplane/scheduler/clock.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

namespace mplane {
namespace {

/// What all services of the module share.
struct PingModule {
  PingModule(Engine& engine, PingSettings with, LogSink to, TargetCheck check)
      : settings(std::move(with)),
        log(std::move(to)),
        check_target(std::move(check)),
        runner(engine) {}

  const PingSettings settings;
  const LogSink log;
  const TargetCheck check_target;
  /// Kept open, so that the kernel stamps packets from the first one of a run on, and not only a
  /// moment after a socket has asked for it.
  std::vector<std::unique_ptr<IcmpSocket>> standby;
  PingRunner runner;
  std::atomic<std::size_t> running{0};
};

/// Counts a run among those of its module, while it lives.
class Running {
 public:
  explicit Running(std::shared_ptr<PingModule> module)
      : module_(std::move(module)), beside_(module_->running++) {}
  Running(Running&&) noexcept = default;
  Running& operator=(Running&&) = delete;
  ~Running() {
    if (module_) --module_->running;
  }

  std::size_t beside() const noexcept { return beside_; }

 private:
  std::shared_ptr<PingModule> module_;
  std::size_t beside_;
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

/// Ends the run with what the ping came to.
void deliver(const Specification& specification, const Conditions& conditions,
             const PingSettings& settings, PingRunner::Outcome outcome, Completion& completion) {
  if (const auto* const error = std::get_if<Error>(&outcome)) return completion.fail(*error);
  try {
    Result result = make_ping_result(specification, std::get<PingReport>(outcome));
    annotate(result, conditions);
    annotate(result, "packets.wait.us", settings.wait.count());
    completion(std::move(result));
  } catch (const Error& error) {
    completion.fail(error);
  }
}

AsyncRun run_with(std::shared_ptr<PingModule> module) {
  return [module = std::move(module)](const Specification& specification, std::stop_token stop,
                                      Completion completion) {
    const PingRequest request =
        parse_ping_request(specification, module->settings, SystemClock().now());
    if (module->check_target) module->check_target(request.destination);
    Running running(module);
    const Conditions conditions = Conditions::now(running.beside());
    module->runner.start(request, std::move(stop),
                         [specification, request, log = module->log, settings = module->settings,
                          conditions, running = std::move(running),
                          completion = std::move(completion)](PingRunner::Outcome outcome) mutable {
                           if (const auto* const report = std::get_if<PingReport>(&outcome)) {
                             log_end(log, request, *report);
                           }
                           deliver(specification, conditions, settings, std::move(outcome),
                                   completion);
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
                               Engine& engine, const LogSink& log, TargetCheck check_target) {
  const auto module = std::make_shared<PingModule>(engine, parse_ping_settings(settings), log,
                                                   std::move(check_target));
  std::vector<Service> services;
  for (const IpFamily family : {IpFamily::Ip4, IpFamily::Ip6}) {
    const auto& listed =
        family == IpFamily::Ip4 ? module->settings.source_ip4 : module->settings.source_ip6;
    const auto sources =
        listed.empty() ? usual_source(family, *module) : listed_sources(listed, family, *module);
    if (sources.empty()) continue;
    // The last packet is waited for beyond the end of the scope.
    const ServicePolicy policy{.tell_lateness = true,
                               .grace = module->settings.wait + std::chrono::seconds(1)};
    for (Capability& capability : capabilities_of(registry, family, sources, *module)) {
      services.push_back({std::move(capability), run_with(module), false, policy});
    }
  }
  return services;
}

}  // namespace mplane
