#pragma once

#include "mplane/model/error.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>

namespace mplane::detail {

/// How often something was refused, by why. Thread-safe.
class RefusalCounts {
 public:
  void add(ErrorKind kind) noexcept {
    counts_[static_cast<std::size_t>(kind)].fetch_add(1, std::memory_order_relaxed);
  }

  /// Adds to what others have counted; kinds that were never met are left out.
  void add_to(std::map<ErrorKind, std::uint64_t>& counts) const {
    for (std::size_t kind = 0; kind < counts_.size(); ++kind) {
      const std::uint64_t count = counts_[kind];
      if (count > 0) counts[static_cast<ErrorKind>(kind)] += count;
    }
  }

 private:
  static constexpr std::size_t kKinds = static_cast<std::size_t>(ErrorKind::Internal) + 1;
  std::array<std::atomic<std::uint64_t>, kKinds> counts_{};
};

}  // namespace mplane::detail
