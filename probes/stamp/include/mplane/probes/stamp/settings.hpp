#pragma once

#include "mplane/model/time.hpp"
#include "mplane/probes/stamp/packet.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace mplane {

/// What the operator sets for STAMP. Each field but the last is a key of the module's settings,
/// with
/// "-" for "_".
struct StampSettings {
  Duration wait = std::chrono::seconds(1);                  ///< how long a reply is waited for
  std::uint32_t train_packets = 1'000;                      ///< the most packets of a train
  Duration train_interval = std::chrono::milliseconds(10);  ///< the shortest between two of them
  bool reflect = true;                                      ///< whether the reflector is offered
  std::uint16_t port = 862;          ///< where the reflector listens (RFC 8762 section 4.1)
  std::size_t max_sessions = 1'000;  ///< that the reflector counts for at once
  std::size_t max_sessions_per_host = 500;
  Duration session_timeout =
      std::chrono::minutes(15);     ///< silence that ends one (RFC 5357 REFWAIT)
  std::uint32_t max_rate = 10'000;  ///< packets a second that the reflector replies to
  /// Packets with the key of the file `key-file`; without one they are not authenticated.
  std::optional<StampWire> authenticated = {};
};

/// Reads settings from text, and the key from its file: 32 to 256 hexadecimal digits.
/// @throws Error{Configuration} whose `where` is the key that is unknown or wrong; also for a file
/// of keys that others may read.
StampSettings parse_stamp_settings(const std::map<std::string, std::string, std::less<>>& settings);

}  // namespace mplane
