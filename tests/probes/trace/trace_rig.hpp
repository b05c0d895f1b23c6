#pragma once

#include "mplane/probes/trace.hpp"
#include "probes/service_rig.hpp"
#include "support/link/crossroads.hpp"
#include "support/link/rights.hpp"
#include "support/link/two_hosts.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>

namespace mplane::test {

inline ServiceRig::Make trace_module(const Texts& settings = {{"wait", "2s"}},
                                     TargetCheck check = {}) {
  return [settings, check](Engine& engine) {
    return make_trace(probes_elements(), settings, {.engine = engine, .check_target = check});
  };
}

/// The module as it is for a method; by "connect", that of nobody, who makes no segments himself.
inline ServiceRig::Make module_for(const std::string& method,
                                   const Texts& settings = {{"wait", "2s"}}) {
  const ServiceRig::Make make = trace_module(settings);
  if (method != "connect") return make;
  return [make](Engine& engine) {
    become_nobody();
    return make(engine);
  };
}

inline std::string tail_for(const std::string& target) {
  return target.find(':') == std::string::npos ? "ip4" : "ip6";
}

/// The parameters of a trace by a method to a target.
inline Texts to(const std::string& method, const std::string& target, int packets = 1) {
  Texts parameters{{"destination.name", target}, {"trace.interval.us", "0"}, {"trace.hops", "20"}};
  if (method.starts_with("paths")) {
    parameters["trace.flows"] = std::to_string(packets);
  } else {
    parameters["trace.packets"] = std::to_string(packets);
  }
  const bool tcp = method == "tcp" || method == "connect" || method == "paths-tcp";
  if (method != "icmp") parameters["destination.port"] = tcp ? "9" : "33434";
  if (method == "udp") parameters["source.port"] = "0";
  return parameters;
}

inline std::string label_of(const std::string& method, const std::string& tail) {
  if (method == "paths") return "paths-udp-" + tail;
  if (method == "paths-tcp") return "paths-tcp-" + tail;
  return "trace-" + (method == "connect" ? "tcp" : method) + "-" + tail;
}

inline Result trace(ServiceRig& rig, const std::string& method, const std::string& target,
                    int packets = 1) {
  return rig.result(label_of(method, tail_for(target)), to(method, target, packets));
}

inline std::string text_of(const Result& result, const std::string& metadata) {
  const Value* const value = result.find_metadata(metadata);
  return value == nullptr ? "-" : to_string(*value);
}

inline std::string end_of(const Result& result) { return text_of(result, "trace.end"); }

inline std::string cell(const Row& row, const std::string& column) {
  return row.has_value(column) ? to_string(row.value(column)) : "-";
}

/// The different texts of a column, for each hop; no value is "-".
inline std::map<std::string, std::set<std::string>> by_hop(const Result& result,
                                                           const std::string& column) {
  std::map<std::string, std::set<std::string>> found;
  for (const Row row : result.rows()) found[cell(row, "hop.number")].insert(cell(row, column));
  return found;
}

/// Who answered at each hop.
inline std::map<std::string, std::set<std::string>> answers(const Result& result) {
  const bool ip4 = result.schema().find_column("intermediate.ip4").has_value();
  return by_hop(result, ip4 ? "intermediate.ip4" : "intermediate.ip6");
}

/// Whether all are routers of the four paths of crossroads.
inline bool in_the_middle(const std::set<std::string>& hosts, const std::string& tail) {
  return std::all_of(hosts.begin(), hosts.end(), [&](const std::string& host) {
    return host.starts_with(tail == "ip4" ? "10.2." : "fd02:") && host.ends_with("2");
  });
}

/// Two hosts of which the first takes the second for the way to all others.
inline void lead_to_b(const TwoHosts& hosts) {
  hosts.a().run("ip route add default via 10.77.0.2");
  hosts.a().run("ip -6 route add default via fd77::2");
  hosts.b().run("ip -6 route add blackhole 2001:db8::/32");  // or it would say that there is none
}

}  // namespace mplane::test
