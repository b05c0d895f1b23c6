#pragma once

#include "mplane/model/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace mplane::detail {

/// What the operator sets for throughput.
struct LoadSettings {
  /// Without a datagram before those of a load count as all that came.
  static constexpr std::chrono::milliseconds kQuiet{300};

  Duration wait = std::chrono::seconds(5);      ///< for each answer
  Duration max_time = std::chrono::minutes(1);  ///< of one load
  std::uint64_t max_rate = 1'000'000'000;       ///< bits per second
  std::size_t datagram = 1'200;                 ///< octets in each, by UDP
  std::string ports = "49152 ... 65535";        ///< constraint of what one may receive at

  /// For what is still under way when a load has ended, as long as some of it arrives.
  Duration patience() const { return 3 * wait; }
};

}  // namespace mplane::detail
