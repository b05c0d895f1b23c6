#pragma once

#include "mplane/model.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace bench {

/// What the benchmarks of the scheduler offer: an address in, a count out, any scope.
mplane::Capability counting_capability();

/// Specifications for it, as clients send them: each with a token of its own, 32 hexadecimal
/// digits.
/// @param first the number of the first; the same number gives the same specification.
std::vector<mplane::Specification> specifications(const mplane::Capability& capability,
                                                  const mplane::When& when, std::size_t first,
                                                  std::size_t count);

}  // namespace bench
