#pragma once

#include <string_view>

namespace mplane {

/// Whether a word is a question about the fleet: status, components, capabilities, measurements.
bool is_fleet_command(std::string_view word) noexcept;

/// `mpsup status …` and the like: asks the supervisor that runs with a configuration, over its
/// control socket, and writes the answer. `argv[0]` is that word. @return the exit code.
int run_fleet_command(int argc, const char* const* argv) noexcept;

}  // namespace mplane
