#pragma once

#include "console.hpp"
#include "options.hpp"

namespace mplane {

/// The interactive shell: reads commands from standard input until it ends, with line editing if
/// that is a terminal. @return the exit code. @throws Error{Configuration} for options that are
/// wrong.
int run_shell(const Options& options, const Console& console);

}  // namespace mplane
