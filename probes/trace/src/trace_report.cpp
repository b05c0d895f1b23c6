#include "trace_report.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

namespace mplane::detail {
namespace {

// RFC 792, RFC 4443 section 3.3.
bool is_time_exceeded(IpFamily family, const IcmpNotice& error) noexcept {
  return error.type == (family == IpFamily::Ip4 ? 11 : 3) && error.code == 0;
}

// Of none found by none it is certain.
double chance_of_one_more(double found, double flows) {
  return std::min(1.0, (found + 1) * std::pow(found / (found + 1), flows));
}

}  // namespace

HopOutcome outcome_of(const HopProbe& probe, const Address& target, TraceMethod method) noexcept {
  if (probe.error != 0) return HopOutcome::Unsent;
  if (!probe.reply) return HopOutcome::Silent;
  if (!probe.reply->error) return HopOutcome::Reached;
  const IcmpNotice& error = *probe.reply->error;
  const IpFamily family = family_of(target);
  if (is_time_exceeded(family, error)) return HopOutcome::Passed;
  if (error.reporter == target) return HopOutcome::Reached;
  if (is_port_unreachable(family, error)) {
    // Behind a translator, or with several addresses, the target may say so by another one; but a
    // host resets TCP, and answers echo, so that of those a firewall speaks.
    return method == TraceMethod::Udp ? HopOutcome::Reached : HopOutcome::Prohibited;
  }
  return is_prohibition(family, error) ? HopOutcome::Prohibited : HopOutcome::Unreachable;
}

std::string_view to_string(HopOutcome outcome) noexcept {
  constexpr std::array<std::string_view, 6> kNames{"passed",      "reached", "prohibited",
                                                   "unreachable", "silent",  "unsent"};
  return kNames.at(static_cast<std::size_t>(outcome));
}

std::string_view to_string(TraceEnd end) noexcept {
  constexpr std::array<std::string_view, 7> kNames{
      "reached", "unreachable", "silent", "too-far", "unsent", "unresolved", "interrupted"};
  return kNames.at(static_cast<std::size_t>(end));
}

Paths paths_of(const TraceReport& report) {
  struct Hop {
    std::set<Address> routers;
    std::set<std::uint32_t> flows;
  };
  std::map<std::uint8_t, Hop> hops;
  std::map<std::uint32_t, std::vector<std::optional<Address>>> flows;
  std::set<std::uint32_t> arrived;
  for (const HopProbe& probe : report.probes) {
    auto& path = flows[probe.flow];
    if (path.size() < probe.hop) path.resize(probe.hop);
    Hop& hop = hops[probe.hop];
    if (!probe.reply || !report.target.address) continue;
    path[probe.hop - std::size_t{1}] = probe.reply->from;
    hop.routers.insert(probe.reply->from);
    hop.flows.insert(probe.flow);
    if (outcome_of(probe, *report.target.address, report.method) == HopOutcome::Reached) {
      arrived.insert(probe.flow);
    }
  }
  std::set<std::vector<std::optional<Address>>> different;
  for (const std::uint32_t flow : arrived) {
    const auto& path = flows[flow];
    const auto answered = [](const auto& hop) { return hop.has_value(); };
    if (std::all_of(path.begin(), path.end(), answered)) different.insert(path);
  }
  Paths paths{.complete = different.size(), .missed = hops.empty() ? 1.0 : 0.0};
  for (const auto& [number, hop] : hops) {
    const auto found = static_cast<double>(hop.routers.size());
    const double missed = chance_of_one_more(found, static_cast<double>(hop.flows.size()));
    paths.missed = std::max(paths.missed, missed);
  }
  return paths;
}

}  // namespace mplane::detail
