#include "mplane/probes/common/host_target.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/probes/common/conditions.hpp"
#include "mplane/probes/common/offer.hpp"
#include "mplane/probes/common/one_row.hpp"

#include <algorithm>
#include <limits>

namespace mplane {

std::uint16_t parse_port(const Specification& specification) {
  const auto port = specification.get<std::uint64_t>("destination.port");
  if (port == 0 || port > std::numeric_limits<std::uint16_t>::max()) {
    throw Error(ErrorKind::Invalid, "parameters/destination.port",
                std::to_string(port) + " is no port");
  }
  return static_cast<std::uint16_t>(port);
}

bool is_host_name(const std::string& name) noexcept {
  constexpr std::size_t kLongest = 253;  // RFC 1035
  const auto fits = [](char c) { return c > ' ' && c < '\x7f'; };
  return !name.empty() && name.size() <= kLongest && std::all_of(name.begin(), name.end(), fits);
}

HostTarget parse_host_target(const Specification& specification) {
  HostTarget target;
  target.name = specification.get<std::string>("destination.name");
  if (!is_host_name(target.name)) {
    throw Error(ErrorKind::Invalid, "parameters/destination.name",
                quoted(target.name) + " is no name of a host");
  }
  if (specification.schema().find_parameter("destination.port")) {
    target.port = parse_port(specification);
  }
  const bool ip4 = specification.schema().find_column("destination.ip4").has_value();
  target.family = ip4 ? IpFamily::Ip4 : IpFamily::Ip6;
  return target;
}

Endpoint endpoint_parameter(const Specification& specification, const IpFamily family) {
  const std::string name = "destination." + std::string(tail_of(family));
  const auto host = specification.get<Address>(name);
  if (family_of(host) != family || host.is_network()) {
    throw Error(ErrorKind::Invalid, "parameters/" + name,
                to_string(host) + " is no host of the family");
  }
  return {host, parse_port(specification)};
}

ResolvedTarget choose_target(const NameAnswer& answer, const TargetCheck& check) {
  if (answer.addresses.empty()) return {.reason = answer.reason, .took = answer.took};
  const Address& address = answer.addresses.front();
  if (check) check(address);
  return {.address = address, .took = answer.took};
}

std::optional<Value> target_cell(const ResolvedTarget& target, std::string_view column) {
  if (column.starts_with("destination.")) return target.address;
  if (column != "delay.resolution.us") return std::nullopt;
  return target.address ? Value(whole_us(target.took)) : Value();
}

void annotate(Result& result, const ResolvedTarget& target) {
  if (!target.reason.empty()) annotate(result, "resolution.problem", target.reason);
}

}  // namespace mplane
