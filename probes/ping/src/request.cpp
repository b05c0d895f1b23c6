#include "mplane/probes/ping/request.hpp"

#include "mplane/model/error.hpp"
#include "mplane/probes/common/scope.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace mplane {
namespace {

/// Why an address cannot be pinged, or pinged from; empty if it can.
std::string_view objection(const Address& address, bool ip4) {
  if (address.is_ip4() != ip4) return ip4 ? "is no IPv4 address" : "is no IPv6 address";
  if (address.is_network()) return "is a network, not a host";
  const std::uint8_t first = ip4 ? address.ip4().bytes()[0] : address.ip6().bytes()[0];
  const bool multicast = ip4 ? first >> 4U == 0xe : first == 0xff;
  if (multicast) return "is a multicast address; replies to it cannot be told from forged ones";
  const bool unspecified = ip4 ? address.ip4() == Ip4() : address.ip6() == Ip6();
  return unspecified ? "stands for no host" : "";
}

Address host(const Specification& specification, const std::string& name, bool ip4) {
  const auto address = specification.get<Address>(name);
  const std::string_view wrong = objection(address, ip4);
  if (wrong.empty()) return address;
  throw Error(ErrorKind::Invalid, "parameters/" + name,
              to_string(address) + " " + std::string(wrong));
}

/// What a train's parameters say; their constraints have bounded them.
void read_train(const Specification& specification, PingRequest& request) {
  const auto number = [&](std::string_view name) { return specification.get<std::uint64_t>(name); };
  request.count = static_cast<std::uint32_t>(number("train.packets"));
  request.interval = Duration(static_cast<std::int64_t>(number("train.interval.us")));
  request.payload = number("octets.icmp");
  request.hop_limit = static_cast<std::uint8_t>(number("hoplimit.ip"));
  request.traffic_class = static_cast<std::uint8_t>(number("dscp.ip") << 2U);
}

}  // namespace

PingRequest parse_ping_request(const Specification& specification, const PingSettings& settings,
                               Instant now) {
  const bool ip4 = specification.schema().find_parameter("destination.ip4").has_value();
  const std::string family = ip4 ? ".ip4" : ".ip6";
  const When& when = specification.when();
  const Duration interval = when.inner().period().value_or(settings.period);
  PingRequest request{.source = host(specification, "source" + family, ip4),
                      .destination = host(specification, "destination" + family, ip4),
                      .interval = interval,
                      .wait = settings.wait};
  if (specification.schema().find_parameter("train.packets")) {
    read_train(specification, request);
  } else {
    const std::uint64_t most = settings.max_packets;
    request.count = static_cast<std::uint32_t>(
        std::min(count_periods(when, interval, now).value_or(most), most));
  }
  return request;
}

}  // namespace mplane
