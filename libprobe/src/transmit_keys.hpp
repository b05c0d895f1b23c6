#pragma once

#include "mplane/probe/icmp_socket.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace mplane::detail {

/// Tells which packet a kernel's transmit stamp is of. The kernel counts what a socket sends
/// (SOF_TIMESTAMPING_OPT_ID) and says that count; this counts along. A stamp that cannot be the
/// packet's is not taken for it, so that a miscount costs a stamp and never a wrong delay. One
/// thread at a time.
class TransmitKeys {
 public:
  // Stamps come within the call that sends, or soon after: more than these are hardly under way.
  static constexpr std::size_t kMany = 8192;

  /// @param under_way the most packets whose stamps may come after later packets left.
  explicit TransmitKeys(std::size_t under_way = kMany)
      : ring_(std::max<std::size_t>(under_way, 1)) {}

  /// Notes that the next packet left, not before `departed`.
  void add(std::uint64_t packet, WallTime departed);
  /// The packet that the kernel counted as `key`, if it can have been stamped then; each once.
  std::optional<std::uint64_t> take(std::uint32_t key, WallTime stamp) noexcept;
  /// Begins to count from 0, as the kernel was told to.
  void reset() noexcept;

 private:
  struct Departure {
    std::uint64_t packet = 0;
    WallTime departed;
    std::uint32_t key = 0;
    bool waiting = false;
  };

  std::vector<Departure> ring_;
  std::uint32_t next_ = 0;
};

}  // namespace mplane::detail
