#pragma once

#include "options.hpp"

namespace mplane {

/// Plays a fleet: forks its workers, waits for them, and for SIGINT and SIGTERM, which end it, then
/// prints what was seen. To be called before there are threads. @return the exit code.
/// @throws Error{Configuration} for what cannot be, naming the limit where it is one of this
/// machine; {Unreachable} for a supervisor whose name is not known.
int simulate(const SimOptions& options);

}  // namespace mplane
