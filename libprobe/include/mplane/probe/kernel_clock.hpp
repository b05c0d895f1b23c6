#pragma once

#include "mplane/model/time.hpp"

#include <optional>

struct timex;

namespace mplane {

/// What the kernel knows of its own clock (adjtimex(2)). A value.
struct KernelClock {
  bool synchronised = false;
  Duration offset = {};    ///< that is still being corrected
  Duration bound = {};     ///< the most by which it may be wrong, if it is synchronised
  Duration estimate = {};  ///< how wrong it is thought to be, if it is synchronised

  /// Reads what adjtimex(2) filled in and answered, which is not -1.
  static KernelClock of(const ::timex& state, int answer) noexcept;
};

/// Asks the kernel; nothing where that is not allowed.
std::optional<KernelClock> kernel_clock() noexcept;

}  // namespace mplane
