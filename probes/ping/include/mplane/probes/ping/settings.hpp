#pragma once

#include "mplane/model/address.hpp"
#include "mplane/model/time.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace mplane {

/// What the operator sets for ping. Each field is a key of the module's settings, with "-" for "_".
struct PingSettings {
  /// The addresses to send from, of which a client chooses one; else what the kernel would choose.
  std::vector<Address> source_ip4 = {};
  std::vector<Address> source_ip6 = {};
  /// The shortest time between two packets of a measurement, and the usual one.
  Duration period = std::chrono::seconds(1);
  /// How long a reply is waited for; without one by then, the packet is lost (RFC 6673).
  Duration wait = std::chrono::seconds(1);
  /// The most packets of one measurement: an open scope ends with them. Each takes 32 bytes.
  std::uint32_t max_packets = 1'000'000;
  /// The most packets of a train.
  std::uint32_t train_packets = 1'000;
  /// The shortest time between two packets of a train.
  Duration train_interval = std::chrono::milliseconds(10);
};

/// Reads settings from text; lists are separated by commas.
/// @throws Error{Configuration} whose `where` is the key that is unknown or wrong.
PingSettings parse_ping_settings(const std::map<std::string, std::string, std::less<>>& settings);

}  // namespace mplane
