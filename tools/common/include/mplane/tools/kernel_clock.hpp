#pragma once

#include "mplane/model/time.hpp"

#include <optional>

namespace mplane {

/// What the kernel knows of its own clock (adjtimex(2)). A value.
struct KernelClock {
  bool synchronised = false;
  Duration offset = {};  ///< that is still being corrected
  Duration bound = {};   ///< the most by which it may be wrong, if it is synchronised
};

/// Asks the kernel; nothing where that is not allowed.
std::optional<KernelClock> kernel_clock();

}  // namespace mplane
