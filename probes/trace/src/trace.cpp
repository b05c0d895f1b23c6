#include "mplane/probes/trace.hpp"

#include "mplane/probes/common/elements.hpp"
#include "mplane/probes/common/settings_reader.hpp"
#include "mtu_run.hpp"
#include "trace_run.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace mplane {
namespace {

using namespace std::chrono_literals;
using detail::TraceMethod;
using detail::TraceRequest;
using detail::TraceSettings;

TraceSettings read_settings(const std::map<std::string, std::string, std::less<>>& settings) {
  SettingsReader reader("trace", settings);
  TraceSettings read;
  read.wait = reader.time("wait", read.wait, 100ms, 1min);
  read.names.servers = reader.name_servers("resolver");
  reader.finish();
  return read;
}

struct Kind {
  std::string_view label;
  TraceMethod method;
  bool several_flows = false;
};

constexpr std::array kKinds{
    Kind{"trace-udp-", TraceMethod::Udp}, Kind{"trace-icmp-", TraceMethod::Icmp},
    Kind{"trace-tcp-", TraceMethod::Tcp}, Kind{"paths-udp-", TraceMethod::Udp, true},
    Kind{"paths-tcp-", TraceMethod::Tcp, true}};

ProbeOffer offer_of(const Kind& kind, IpFamily family) {
  const std::string tail(tail_of(family));
  ProbeOffer offer{.label = std::string(kind.label) + tail,
                   .parameters = {{"destination.name", "*"},
                                  {"trace.hops", "1 ... " + std::to_string(detail::kMostHops)},
                                  {"trace.interval.us", "0 ... 1000000"}},
                   .results = {"time", "destination." + tail, "hop.number", "hop.outcome",
                               "intermediate." + tail, "delay.hop.us", "icmp.type", "icmp.code",
                               "hoplimit.reply.ip", "mpls.labels"}};
  const bool udp = kind.method == TraceMethod::Udp;
  if (kind.method != TraceMethod::Icmp) {
    offer.parameters.emplace_back("destination.port", "1 ... 65535");
  }
  if (kind.several_flows) {
    offer.parameters.emplace_back("trace.flows", "2 ... 64");
    offer.results.emplace_back("flow.number");
    if (!udp) offer.results.emplace_back("answer.tcp");
  } else {
    offer.parameters.emplace_back("trace.packets", "1 ... 10");
    offer.results.emplace_back("packet.number");
  }
  if (udp && !kind.several_flows) offer.parameters.emplace_back("source.port", "0 ... 65535");
  if (kind.method == TraceMethod::Tcp || kind.several_flows) {
    offer.results.emplace_back("source.port");
  }
  return offer;
}

ProbeOffer mtu_offer(IpFamily family) {
  const std::string tail(tail_of(family));
  return {.label = "path-mtu-" + tail,
          .parameters = {{"destination.name", "*"}},
          .results = {"time", "destination." + tail, "mtu.outcome", "mtu.ip", "mtu.silent",
                      "intermediate." + tail, "packets.sent"}};
}

TraceRequest parse_request(const Specification& specification, TraceMethod method) {
  const auto number = [&](std::string_view name, std::uint64_t otherwise) {
    const bool asked = specification.schema().find_parameter(name).has_value();
    return asked ? specification.get<std::uint64_t>(name) : otherwise;
  };
  return {.method = method,
          .target = parse_host_target(specification),
          .flows = static_cast<std::uint32_t>(number("trace.flows", 1)),
          .source_port = static_cast<std::uint16_t>(number("source.port", 0)),
          .packets = static_cast<std::uint32_t>(number("trace.packets", 1)),
          .max_hops = static_cast<std::uint8_t>(number("trace.hops", 1)),
          .interval = std::chrono::microseconds(number("trace.interval.us", 0))};
}

/// How long a run may take: its name, its packets, and hops that answer one by one.
Duration longest_trace(const TraceSettings& settings, const Kind& kind) {
  return settings.names.timeout + (kind.several_flows ? 64s : 10s) + 10 * settings.wait;
}

Duration longest_search(const TraceSettings& settings) {
  return settings.names.timeout + 60 * settings.wait;
}

class Maker {
 public:
  Maker(const Registry& elements, const TraceSettings& settings, const ProbeContext& context)
      : elements_(elements),
        settings_(settings),
        context_(context),
        host_(std::make_shared<RunHost>(context.engine)) {}

  void add(const Kind& kind, IpFamily family) {
    const auto prepare = [method = kind.method, settings = settings_,
                          check = context_.check_target](const Specification& specification) {
      return [request = parse_request(specification, method), settings, check](Engine& engine) {
        return std::make_unique<detail::TraceRun>(engine, request, settings, check);
      };
    };
    add(offer_of(kind, family), prepare, longest_trace(settings_, kind));
  }

  void add_mtu(IpFamily family) {
    const auto prepare = [settings = settings_,
                          check = context_.check_target](const Specification& specification) {
      return [target = parse_host_target(specification), settings, check](Engine& engine) {
        return std::make_unique<detail::MtuRun>(engine, target, settings, check);
      };
    };
    add(mtu_offer(family), prepare, longest_search(settings_));
  }

  void decline(std::string_view label, IpFamily family, const std::string& why) const {
    log(context_.log,
        {.severity = Severity::Warning,
         .component = "trace",
         .message = std::string(label) + std::string(tail_of(family)) + " is not offered",
         .fields = {{"reason", why}}});
  }

  std::vector<Service> take() { return std::move(services_); }

 private:
  void add(const ProbeOffer& offer, RunHost::Prepare prepare, Duration longest) {
    services_.push_back(
        make_service(make_capability(elements_, offer), host_, std::move(prepare), longest));
  }

  const Registry& elements_;
  const TraceSettings settings_;
  const ProbeContext& context_;
  const std::shared_ptr<RunHost> host_;
  std::vector<Service> services_;
};

}  // namespace

std::vector<Service> make_trace(const Registry& registry,
                                const std::map<std::string, std::string, std::less<>>& settings,
                                const ProbeContext& context) {
  Maker maker(probes_registry(registry, "trace"), read_settings(settings), context);
  for (const IpFamily family : families_here("trace", context.log)) {
    for (const Kind& kind : kKinds) {
      const std::string problem = detail::problem_of(kind.method, family, kind.several_flows);
      problem.empty() ? maker.add(kind, family) : maker.decline(kind.label, family, problem);
    }
    const std::string problem = detail::problem_of(TraceMethod::Icmp, family);
    problem.empty() ? maker.add_mtu(family) : maker.decline("path-mtu-", family, problem);
  }
  return maker.take();
}

}  // namespace mplane
