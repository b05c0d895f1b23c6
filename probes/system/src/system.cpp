#include "mplane/probes/system.hpp"

#include "mplane/probes/common/elements.hpp"
#include "mplane/probes/common/scope.hpp"
#include "mplane/probes/common/settings_reader.hpp"
#include "mplane/scheduler/clock.hpp"
#include "system_run.hpp"

#include <chrono>
#include <memory>
#include <utility>

namespace mplane {
namespace {

using MakeSampler = std::unique_ptr<detail::Sampler> (*)(const Specification&);

struct Kind {
  ProbeOffer offer;
  MakeSampler sampler;
};

std::vector<Kind> kinds() {
  constexpr const char* kWhen = "now ... future / 1s";
  return {
      {{.label = "system-cpu",
        .parameters = {},
        .results = {"time", "cpuload", "cpuload.user", "cpuload.system", "cpuload.waiting",
                    "cpuload.stolen", "cpuload.running"},
        .when = kWhen},
       [](const Specification&) { return detail::make_cpu_sampler(); }},
      {{.label = "system-memory",
        .parameters = {},
        .results = {"time", "memload", "octets.memory", "octets.memory.available",
                    "octets.swap.used"},
        .when = kWhen},
       [](const Specification&) { return detail::make_memory_sampler(); }},
      {{.label = "system-interface",
        .parameters = {{"source.interface", "*"}},
        .results = {"time", "observer.interface", "interface.received.bps", "interface.sent.bps",
                    "interface.received.packets", "interface.sent.packets", "interface.errors",
                    "interface.dropped"},
        .when = kWhen},
       [](const Specification& asked) {
         return detail::make_interface_sampler(asked.get<std::string>("source.interface"));
       }},
      {{.label = "system-clock",
        .parameters = {},
        .results = {"time", "clock.synchronized", "clock.offset.us", "clock.error.us",
                    "clock.error.estimated.us"},
        .when = kWhen},
       [](const Specification&) { return detail::make_clock_sampler(); }},
  };
}

RunHost::Make prepare(const Specification& specification, MakeSampler make_sampler) {
  const When when = specification.when();
  const Duration period = when.inner().period().value_or(std::chrono::seconds(1));
  const detail::SystemTask task{.period = period,
                                .periods = count_periods(when, period, SystemClock().now())};
  return [=](Engine& engine) {
    return std::make_unique<detail::SystemRun>(engine, make_sampler(specification), task);
  };
}

}  // namespace

std::vector<Service> make_system(const Registry& registry,
                                 const std::map<std::string, std::string, std::less<>>& settings,
                                 const ProbeContext& context) {
  SettingsReader("system", settings).finish();
  const Registry& elements = probes_registry(registry, "system");
  const auto host = std::make_shared<RunHost>(context.engine);
  std::vector<Service> services;
  for (const Kind& kind : kinds()) {
    services.push_back(make_service(
        make_capability(elements, kind.offer), host,
        [make = kind.sampler](const Specification& asked) { return prepare(asked, make); },
        std::chrono::seconds(1)));
  }
  return services;
}

}  // namespace mplane
