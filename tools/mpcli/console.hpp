#pragma once

#include <iosfwd>

namespace mplane {

/// Where a program writes: answers to `out`, everything else to `err`.
struct Console {
  std::ostream& out;
  std::ostream& err;
};

}  // namespace mplane
