#pragma once

#include "console.hpp"

namespace mplane {

/// Reads the command line, and does what it says. @return the exit code. @throws Error.
int run_command_line(int argc, const char* const* argv, const Console& console);

}  // namespace mplane
