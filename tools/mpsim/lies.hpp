#pragma once

#include "mplane/model/result.hpp"
#include "random.hpp"

#include <string>

namespace mplane {

/// What a component that lies sends instead of a result: one that nobody asked for, one with other
/// columns, one that breaks off, or something that is no result.
std::string lie_about(const Result& truth, Random& random);

}  // namespace mplane
