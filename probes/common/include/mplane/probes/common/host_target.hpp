#pragma once

#include "mplane/model/result.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/probe/socket_address.hpp"
#include "mplane/probe/target_policy.hpp"
#include "mplane/probes/common/name_lookup.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mplane {

/// What a specification names as its target: a host, by name or address, and a port. A value.
struct HostTarget {
  std::string name;
  std::uint16_t port = 0;  ///< 0 if none was asked for
  IpFamily family = IpFamily::Ip4;
};

/// Reads `destination.name`, and `destination.port` where that is a parameter; the family is that
/// of the `destination.ip4` or `.ip6` among the columns. @throws Error{Invalid} naming the
/// parameter that is no name or port.
HostTarget parse_host_target(const Specification& specification);

/// The `destination.port`, from 1 to 65,535. @throws Error{Invalid} if it is none.
std::uint16_t parse_port(const Specification& specification);

/// The host in `destination.ip4` or `.ip6` and its `destination.port`, which a constraint has
/// bounded. @throws Error{Invalid} naming the parameter that is no host of the family.
Endpoint endpoint_parameter(const Specification& specification, IpFamily family);

/// A name that can be looked up: 1 to 253 characters of which none is a blank or a control.
bool is_host_name(const std::string& name) noexcept;

/// Where a host's name led.
struct ResolvedTarget {
  std::optional<Address> address = {};  ///< the first one; nothing if there is none
  std::string reason = {};              ///< why there is none
  std::chrono::nanoseconds took{0};
};

/// Takes the first address of an answer. @throws Error{Refused} if that must not be measured.
ResolvedTarget choose_target(const NameAnswer& answer, const TargetCheck& check);

/// What a column about a target says: `destination.*`, `delay.resolution.us`; nothing of others.
std::optional<Value> target_cell(const ResolvedTarget& target, std::string_view column);
/// Says in a result why there is no target, if there is none.
void annotate(Result& result, const ResolvedTarget& target);

}  // namespace mplane
