#pragma once

#include "mplane/model/result.hpp"
#include "mplane/model/specification.hpp"
#include "random.hpp"

namespace mplane {

/// A result as a probe could have measured it in that time: one row, a value in every column. Of
/// columns that are named min, mean and max the values are in that order.
Result plausible_result(const Specification& asked, Instant first, Instant last, Random& random);

}  // namespace mplane
