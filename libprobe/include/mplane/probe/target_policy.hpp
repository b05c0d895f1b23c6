#pragma once

#include "mplane/model/address.hpp"
#include "mplane/model/specification.hpp"

#include <functional>
#include <string>
#include <vector>

namespace mplane {

/// Throws Error{Refused} if an address must not be measured. Called for each run, with the address
/// that packets would go to. Thread-safe.
using TargetCheck = std::function<void(const Address&)>;

/// Asks for every parameter that is an address, but for the `source.…` of packets: for services
/// that hand their parameters on to somebody else.
void check_targets(const Specification& specification, const TargetCheck& check);

/// What an operator lets others measure, as prefixes; a host is a prefix of one address.
struct TargetLists {
  std::vector<Address> allow = {Address::network(Ip4(), 0), Address::network(Ip6(), 0)};
  std::vector<Address> deny = {};
};

/// Which addresses may be targets of measurements, so that nobody makes us probe what the operator
/// would not: what `deny` holds never, what `allow` holds else. The ranges that are no public
/// unicast hosts (IANA's special-purpose registries, RFC 6890: private, loopback, link-local,
/// multicast, documentation, tunnels that carry IPv4, …) have to be allowed explicitly, by a prefix
/// that lies inside the range: 10.0.0.0/8 allows private targets, 0.0.0.0/0 does not. An IPv4
/// address mapped into IPv6 is judged as the IPv4 address it stands for. Immutable.
class TargetPolicy {
 public:
  explicit TargetPolicy(TargetLists lists = {});

  /// Why the target must not be measured, as the end of a sentence; empty if it may. A network is
  /// judged as all its hosts.
  std::string objection(const Address& target) const;
  /// @throws Error{Refused} naming the target and why.
  void check(const Address& target) const;

 private:
  bool allows(const Address& target, const Address& within) const noexcept;
  TargetLists lists_;
};

}  // namespace mplane
