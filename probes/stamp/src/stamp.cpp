#include "mplane/probes/stamp.hpp"

#include "mplane/model/error.hpp"
#include "mplane/probe/local_address.hpp"
#include "mplane/probes/common/elements.hpp"
#include "mplane/probes/common/host_target.hpp"
#include "mplane/probes/common/scope.hpp"
#include "mplane/probes/stamp/settings.hpp"
#include "mplane/scheduler/clock.hpp"
#include "reflector_run.hpp"
#include "sender_run.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace mplane {
namespace {

/// What all services of the module share.
struct StampModule {
  StampModule(const ProbeContext& context, const StampSettings& with)
      : settings(with),
        engine(context.engine),
        check_target(context.check_target),
        host(std::make_shared<RunHost>(context.engine)),
        reflectors(
            std::make_shared<detail::Reflectors>(context.engine, with, context.check_target)) {}
  StampModule(const StampModule&) = delete;
  StampModule& operator=(const StampModule&) = delete;
  ~StampModule() {
    engine.post([reflectors = std::move(reflectors)] {});  // what lives on the loop dies there
  }

  const StampSettings settings;
  Engine& engine;
  const TargetCheck check_target;
  const std::shared_ptr<RunHost> host;
  std::shared_ptr<detail::Reflectors> reflectors;
  /// Kept open, so that the kernel stamps packets from the first one of a run on, and not only a
  /// moment after a socket has asked for it. Nothing is ever sent to it.
  std::optional<DatagramSocket> standby;
};

std::vector<std::string> delay_columns(const std::string& direction) {
  std::vector<std::string> columns;
  for (const char* const figure : {"min", "mean", "50pct", "95pct", "99pct", "max"}) {
    columns.push_back("delay." + direction + ".stamp.us." + figure);
  }
  return columns;
}

std::vector<std::string> train_columns(IpFamily family) {
  std::vector<std::string> columns{"source." + std::string(tail_of(family)),
                                   "packets.sent",
                                   "packets.lost",
                                   "packets.lost.forward",
                                   "packets.lost.backward",
                                   "packets.late",
                                   "packets.failed",
                                   "packets.duplicate",
                                   "packets.outoforder",
                                   "packets.stray",
                                   "delay.twoway.stamp.count"};
  for (const char* const direction : {"twoway", "forward", "backward"}) {
    for (auto& column : delay_columns(direction)) columns.push_back(std::move(column));
  }
  for (const char* const more :
       {"ipdv.forward.stamp.us.mean", "ipdv.forward.stamp.us.max", "ipdv.backward.stamp.us.mean",
        "ipdv.backward.stamp.us.max", "clock.difference.us"}) {
    columns.emplace_back(more);
  }
  return columns;
}

std::vector<std::string> packet_columns() {
  return {"packet.number",
          "time",
          "packet.fate",
          "delay.twoway.stamp.us",
          "delay.forward.stamp.us",
          "delay.backward.stamp.us",
          "delay.reflector.stamp.us",
          "clock.difference.us",
          "packet.number.reflector",
          "hoplimit.forward.ip",
          "hoplimit.reply.ip",
          "packets.duplicate"};
}

ProbeOffer sender_offer(const StampSettings& settings, IpFamily family, bool each_packet) {
  const std::string tail(tail_of(family));
  const auto least = std::to_string(settings.train_interval.count());
  return {.label = (each_packet ? "stamp-packets-" : "stamp-train-") + tail,
          .parameters = {{"destination." + tail, "*"},
                         {"destination.port", "1 ... 65535"},
                         {"train.packets", "1 ... " + std::to_string(settings.train_packets)},
                         {"train.interval.us", least + " ... 3600000000"},
                         {"dscp.ip", "0 ... 63"},
                         {"stamp.mode", settings.authenticated ? "unauthenticated,authenticated"
                                                               : "unauthenticated"},
                         {"stamp.reflector", "stateful,stateless"}},
          .results = each_packet ? packet_columns() : train_columns(family)};
}

ProbeOffer reflector_offer(const StampSettings& settings, IpFamily family) {
  const std::string tail(tail_of(family));
  return {
      .label = "stamp-reflector-" + tail,
      .parameters = {{"destination.port", std::to_string(settings.port)},
                     {"stamp.mode", settings.authenticated ? "authenticated" : "unauthenticated"}},
      .results = {"source." + tail, "source.port", "destination." + tail, "stamp.session", "time",
                  "packets.received", "packets.reflected", "packets.lost", "packets.duplicate",
                  "packets.outoforder"}};
}

detail::StampTrain train_in(const Specification& specification, IpFamily family,
                            const StampSettings& settings) {
  const auto number = [&](std::string_view name) { return specification.get<std::uint64_t>(name); };
  detail::StampTrain train{
      .reflector = endpoint_parameter(specification, family),
      .count = static_cast<std::uint32_t>(number("train.packets")),
      .interval = Duration(static_cast<std::int64_t>(number("train.interval.us"))),
      .wait = settings.wait,
      .traffic_class = static_cast<std::uint8_t>(number("dscp.ip") << 2U),
      .stateful = specification.get<std::string>("stamp.reflector") == "stateful"};
  if (specification.get<std::string>("stamp.mode") == "authenticated") {
    train.wire = settings.authenticated.value();
  }
  return train;
}

RunHost::Prepare sending(std::shared_ptr<const StampModule> module, IpFamily family) {
  return [module = std::move(module), family](const Specification& specification) -> RunHost::Make {
    const auto train = train_in(specification, family, module->settings);
    if (module->check_target) module->check_target(train.reflector.host);
    return [train](Engine& engine) { return std::make_unique<detail::SenderRun>(engine, train); };
  };
}

/// How long a scope goes on from now; nothing if it has no end.
std::optional<Duration> rest_of(const When& when) {
  if (when.is_singleton()) {
    throw Error(ErrorKind::Invalid, "when",
                to_string(when) + " is no time to listen for, such as now + 1m");
  }
  return time_left(when, SystemClock().now());
}

RunHost::Prepare reflecting(std::shared_ptr<const StampModule> module, IpFamily family) {
  return [module = std::move(module), family](const Specification& specification) -> RunHost::Make {
    const auto time = rest_of(specification.when());
    return [reflectors = module->reflectors, family, time,
            most = module->settings.max_sessions](Engine& engine) {
      return std::make_unique<detail::ReflectorRun>(engine, reflectors, family, time, most);
    };
  };
}

/// Whether the reflector could listen now; why not is logged.
bool can_listen(IpFamily family, std::uint16_t port, const LogSink& log) {
  try {
    const DatagramPort trial(family, port);
    return true;
  } catch (const Error& error) {
    mplane::log(
        log,
        {.severity = Severity::Warning,
         .component = "stamp",
         .message = "the reflector of " + std::string(tail_of(family)) + " is not offered",
         .fields = {{"reason", error.message()}, {"hint", "settings port, or reflect: false"}}});
    return false;
  }
}

}  // namespace

std::vector<Service> make_stamp(const Registry& registry,
                                const std::map<std::string, std::string, std::less<>>& settings,
                                const ProbeContext& context) {
  const Registry& elements = probes_registry(registry, "stamp");
  const auto module = std::make_shared<StampModule>(context, parse_stamp_settings(settings));
  const StampSettings& read = module->settings;
  std::vector<Service> services;
  const auto add = [&](const ProbeOffer& offer, RunHost::Prepare prepare) {
    services.push_back(make_service(make_capability(elements, offer), module->host,
                                    std::move(prepare), read.wait));
  };
  for (const IpFamily family : families_here("stamp", context.log)) {
    if (!module->standby) module->standby.emplace(Endpoint{default_source(family), 9});
    for (const bool each_packet : {false, true}) {
      add(sender_offer(read, family, each_packet), sending(module, family));
    }
    if (read.reflect && can_listen(family, read.port, context.log)) {
      add(reflector_offer(read, family), reflecting(module, family));
    }
  }
  return services;
}

}  // namespace mplane
