#include "mplane/probes/throughput.hpp"

#include "load_run.hpp"
#include "mplane/model/error.hpp"
#include "mplane/probes/common/elements.hpp"
#include "mplane/probes/common/host_target.hpp"
#include "mplane/probes/common/scope.hpp"
#include "mplane/probes/common/settings_reader.hpp"
#include "mplane/scheduler/clock.hpp"
#include "receive_run.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace mplane {
namespace {

using namespace std::chrono_literals;
using detail::LoadSettings;

constexpr const char* kWhen = "now ... future / 1s";  // so that a scope has a length

LoadSettings read_settings(const std::map<std::string, std::string, std::less<>>& settings) {
  constexpr std::uint64_t kLeastRate = 8'000;
  constexpr std::uint64_t kMostRate = 100'000'000'000;
  constexpr std::uint64_t kMostDatagram = 65'507;  // that UDP carries over IPv4
  SettingsReader reader("throughput", settings);
  LoadSettings read;
  read.wait = reader.time("wait", read.wait, 100ms, 1h);
  read.max_time = reader.time("max-time", read.max_time, 1s, 24h);
  read.max_rate = reader.number("max-rate", read.max_rate, kLeastRate, kMostRate);
  read.datagram = reader.number("datagram", read.datagram, LoadTag::kSize, kMostDatagram);
  read.ports = reader.text("ports").value_or(read.ports);
  reader.finish();
  return read;
}

ProbeOffer sending(const LoadSettings& settings, LoadKind kind, IpFamily family) {
  const std::string tail(tail_of(family));
  ProbeOffer offer{
      .label = (kind == LoadKind::Tcp ? "throughput-tcp-" : "throughput-udp-") + tail,
      .parameters = {{"destination." + tail, "*"},
                     {"destination.port", "1 ... 65535"},
                     {"throughput.cap.bps", "8000 ... " + std::to_string(settings.max_rate)}},
      .results = {"time", "throughput.outcome", "throughput.bps", "octets.layer7",
                  "throughput.time.us", "delay.connect.tcp.us"},
      .when = kWhen};
  const std::vector<std::string> more =
      kind == LoadKind::Tcp
          ? std::vector<std::string>{"retransmissions.tcp", "octets.segment.tcp", "rtt.us.min",
                                     "rtt.us.mean", "rtt.us.max"}
          : std::vector<std::string>{"packets.sent", "packets.lost", "packets.unobserved",
                                     "packets.outoforder", "packets.duplicate"};
  offer.results.insert(offer.results.end(), more.begin(), more.end());
  return offer;
}

ProbeOffer receiving(const LoadSettings& settings, IpFamily family) {
  const std::string tail(tail_of(family));
  return {
      .label = "throughput-receive-" + tail,
      .parameters = {{"destination.port", settings.ports}},
      .results = {"time", "source." + tail, "throughput.transport", "throughput.outcome",
                  "throughput.bps", "octets.layer7", "throughput.time.us", "packets.unobserved"},
      .when = kWhen};
}

RunHost::Prepare to_send(const LoadSettings& settings, LoadKind kind, IpFamily family,
                         const TargetCheck& check) {
  return [=](const Specification& asked) -> RunHost::Make {
    const Instant now = SystemClock().now();
    const detail::LoadTask task{
        .receiver = endpoint_parameter(asked, family),
        .kind = kind,
        .rate = asked.get<std::uint64_t>("throughput.cap.bps"),
        .time =
            std::min(time_left(asked.when(), now).value_or(settings.max_time), settings.max_time)};
    if (check) check(task.receiver.host);
    return
        [=](Engine& engine) { return std::make_unique<detail::LoadRun>(engine, task, settings); };
  };
}

RunHost::Prepare to_receive(const LoadSettings& settings, IpFamily family,
                            const TargetCheck& check) {
  return [=](const Specification& asked) -> RunHost::Make {
    const detail::ReceiveTask task{family, parse_port(asked),
                                   time_left(asked.when(), SystemClock().now())};
    return [=](Engine& engine) {
      return std::make_unique<detail::ReceiveRun>(engine, task, settings, check);
    };
  };
}

}  // namespace

std::vector<Service> make_throughput(
    const Registry& registry, const std::map<std::string, std::string, std::less<>>& settings,
    const ProbeContext& context) {
  const Registry& elements = probes_registry(registry, "throughput");
  const LoadSettings read = read_settings(settings);
  const auto host = std::make_shared<RunHost>(context.engine);
  std::vector<Service> services;
  for (const IpFamily family : families_here("throughput", context.log)) {
    for (const LoadKind kind : {LoadKind::Tcp, LoadKind::Udp}) {
      services.push_back(make_service(make_capability(elements, sending(read, kind, family)), host,
                                      to_send(read, kind, family, context.check_target),
                                      2 * read.wait + read.patience() + LoadSettings::kQuiet));
      services.back().policy.job_class = JobClass::Exclusive;
    }
    services.push_back(make_service(make_capability(elements, receiving(read, family)), host,
                                    to_receive(read, family, context.check_target), Duration(0)));
  }
  return services;
}

}  // namespace mplane
