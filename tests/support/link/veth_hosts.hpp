#pragma once

#include "support/link/network_namespace.hpp"

#include <string>

namespace mplane::test {

/// Two hosts joined by a pair of virtual interfaces and nothing else: as fast as the kernel is. a
/// has 10.77.0.1/24 and fd77::1/64, b the same with 2; b answers for all of 10.99.0.0/16, too.
/// Everything goes with the object.
class VethHosts {
 public:
  /// @throws std::runtime_error, as when not root.
  VethHosts();

  const NetworkNamespace& a() const noexcept { return a_; }
  const NetworkNamespace& b() const noexcept { return b_; }

 private:
  const NetworkNamespace a_;
  const NetworkNamespace b_;
};

/// Gives `eth0` of host 1 or 2 its addresses, and the other host for a neighbour. They need not
/// look for each other: that takes a second where the system is slow to join the group that IPv6
/// does it in, and packets until then would count as lost.
void configure_host(const NetworkNamespace& host, int number);

/// Waits until an interface is up at both ends: the kernel notices in its own time, and drops
/// packets until then. @throws std::runtime_error when it does not.
void await_carrier(const NetworkNamespace& host, const std::string& interface);
/// Waits until a host of configure_host takes packets to its IPv6 address: the system installs that
/// some time after the carrier is there, and drops them until then.
void await_address(const NetworkNamespace& host, int number);

}  // namespace mplane::test
