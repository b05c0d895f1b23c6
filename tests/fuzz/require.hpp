#pragma once

#include <cstdlib>

/// What has to hold of every input; where it does not, the fuzzer keeps the input.
inline void require(const bool condition) {
  if (!condition) std::abort();
}
