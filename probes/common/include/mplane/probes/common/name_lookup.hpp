#pragma once

#include "mplane/model/address.hpp"
#include "mplane/probe/engine.hpp"
#include "mplane/probe/icmp_packet.hpp"
#include "mplane/probe/socket_address.hpp"
#include "mplane/probe/unique_function.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace mplane {

/// How names are resolved.
struct NameLookupOptions {
  std::vector<Endpoint> servers = {};        ///< to ask instead of the system's
  std::chrono::milliseconds timeout{5'000};  ///< for the whole of it
};

/// What a name came to.
struct NameAnswer {
  std::vector<Address> addresses = {};  ///< of the family asked for; none if it has none
  std::string reason = {};              ///< why there is none, in words
  std::chrono::nanoseconds took{0};
};

/// One look-up of a host's addresses of one family under way on the engine's loop: in the hosts
/// file, then by DNS as the system is set up (c-ares). An address instead of a name comes out as it
/// is. Made, used and destroyed on the loop; destroyed before its end, it never calls.
class NameLookup {
 public:
  /// Called once, never within `begin`; may destroy the look-up.
  using Done = UniqueFunction<void(NameAnswer)>;

  NameLookup(Engine& engine, NameLookupOptions options);
  ~NameLookup();
  NameLookup(const NameLookup&) = delete;
  NameLookup& operator=(const NameLookup&) = delete;

  /// Once only.
  void begin(const std::string& name, IpFamily family, Done done);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane
