#include "mplane/probe/target_policy.hpp"

#include "mplane/model/error.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace mplane {
namespace {

struct SpecialRange {
  std::string_view prefix;
  std::string_view name;
};

// A range inside another comes first.
constexpr std::array kSpecialRanges{
    SpecialRange{"0.0.0.0/8", "this network"},
    SpecialRange{"10.0.0.0/8", "private"},
    SpecialRange{"100.64.0.0/10", "shared with a carrier"},
    SpecialRange{"127.0.0.0/8", "loopback"},
    SpecialRange{"169.254.0.0/16", "link-local"},
    SpecialRange{"172.16.0.0/12", "private"},
    SpecialRange{"192.0.0.0/24", "for protocols"},
    SpecialRange{"192.0.2.0/24", "for documentation"},
    SpecialRange{"192.88.99.0/24", "a relay of 6to4"},
    SpecialRange{"192.168.0.0/16", "private"},
    SpecialRange{"198.18.0.0/15", "for benchmarks"},
    SpecialRange{"198.51.100.0/24", "for documentation"},
    SpecialRange{"203.0.113.0/24", "for documentation"},
    SpecialRange{"224.0.0.0/4", "multicast"},
    SpecialRange{"240.0.0.0/4", "reserved or broadcast"},
    SpecialRange{"::/128", "no host"},
    SpecialRange{"::1/128", "loopback"},
    SpecialRange{"::/96", "an IPv4 address in IPv6"},
    SpecialRange{"64:ff9b::/96", "an IPv4 address in IPv6"},
    SpecialRange{"64:ff9b:1::/48", "an IPv4 address in IPv6"},
    SpecialRange{"100::/64", "for discarding"},
    SpecialRange{"2001::/23", "for protocols and tunnels"},
    SpecialRange{"2001:db8::/32", "for documentation"},
    SpecialRange{"2002::/16", "an IPv4 address in IPv6"},
    SpecialRange{"3fff::/20", "for documentation"},
    SpecialRange{"5f00::/16", "for segment routing"},
    SpecialRange{"fc00::/7", "private"},
    SpecialRange{"fe80::/10", "link-local"},
    SpecialRange{"fec0::/10", "site-local"},
    SpecialRange{"ff00::/8", "multicast"},
};

/// ::ffff:192.0.2.1 reaches 192.0.2.1: sockets do that.
Address unmapped(const Address& address) {
  constexpr unsigned kMappedBits = 96;
  if (!address.is_ip6() || address.prefix_length() < kMappedBits) return address;
  const auto bytes = address.ip6().bytes();
  const bool zeros = std::all_of(bytes.begin(), bytes.begin() + 10, [](auto b) { return b == 0; });
  if (!zeros || bytes[10] != 0xff || bytes[11] != 0xff) return address;
  const Ip4 ip4({bytes[12], bytes[13], bytes[14], bytes[15]});
  if (!address.is_network()) return ip4;
  return Address::network(ip4, address.prefix_length() - kMappedBits);
}

bool overlap(const Address& a, const Address& b) noexcept { return a.contains(b) || b.contains(a); }

}  // namespace

void check_targets(const Specification& specification, const TargetCheck& check) {
  if (!check) return;
  for (const Element* const element : specification.schema().parameters()) {
    const std::string& name = element->name();
    if (element->primitive() != Primitive::Address || name.starts_with("source.")) continue;
    const Value& value = specification.value(name);
    if (value.has_value()) check(value.get<Address>());
  }
}

TargetPolicy::TargetPolicy(TargetLists lists) : lists_(std::move(lists)) {
  for (auto* const list : {&lists_.allow, &lists_.deny}) {
    std::transform(list->begin(), list->end(), list->begin(), unmapped);
  }
}

bool TargetPolicy::allows(const Address& target, const Address& within) const noexcept {
  return std::any_of(lists_.allow.begin(), lists_.allow.end(), [&](const Address& allowed) {
    return within.contains(allowed) && allowed.contains(target);
  });
}

std::string TargetPolicy::objection(const Address& target) const {
  const Address real = unmapped(target);
  for (const Address& denied : lists_.deny) {
    if (overlap(denied, real)) return "is denied by " + to_string(denied);
  }
  for (const SpecialRange& range : kSpecialRanges) {
    const Address special = Address::parse(range.prefix);
    if (!overlap(special, real)) continue;
    if (allows(real, special)) return {};
    return "is in " + to_string(special) + " (" + std::string(range.name) +
           "), of which nothing that holds it is allowed explicitly";
  }
  const Address everything =
      real.is_ip4() ? Address::network(Ip4(), 0) : Address::network(Ip6(), 0);
  return allows(real, everything) ? "" : "is in no prefix that is allowed";
}

void TargetPolicy::check(const Address& target) const {
  const std::string why = objection(target);
  if (why.empty()) return;
  throw Error(ErrorKind::Refused, "targets", "the target " + to_string(target) + " " + why);
}

}  // namespace mplane
