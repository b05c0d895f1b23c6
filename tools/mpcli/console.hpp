#pragma once

#include <iosfwd>

namespace mplane {

/// Where a program writes: answers to `out`, everything else to `err`.
struct Console {
  std::ostream& out;
  std::ostream& err;
};

/// The exit code when some of several answered, or some of several runs failed. The others are
/// those of ErrorTraits.
inline constexpr int kInPart = 6;

}  // namespace mplane
