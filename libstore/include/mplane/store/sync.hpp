#pragma once

#include <cstdint>

namespace mplane {

/// What a commit outlives. Both outlive the end of the process, by whatever signal.
enum class Sync : std::uint8_t {
  Full,    ///< a loss of power, too: each commit waits for the disk
  Normal,  ///< not a loss of power, which may take the newest commits; the file stays whole
};

}  // namespace mplane
