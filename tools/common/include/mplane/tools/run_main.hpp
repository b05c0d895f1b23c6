#pragma once

#include <functional>
#include <optional>
#include <string_view>

namespace CLI {
class App;
}

namespace mplane {

/// The outermost fence of a program: runs the body and gives its exit code. What it throws is said
/// in a sentence on standard error, prefixed with the program's name, and becomes the exit code of
/// its kind; what is not an Error becomes 1. A peer that goes away while we write must not end the
/// program: SIGPIPE is ignored from here on.
int run_main(std::string_view program, const std::function<int()>& body) noexcept;

/// Reads the command line. Nothing: go on. A number: leave with it; help or the version was asked
/// for (0), or something is wrong and was said on standard error (2).
std::optional<int> read_command_line(CLI::App& app, int argc, const char* const* argv);

/// "mPlane 0.1.0"
std::string_view version_text() noexcept;

}  // namespace mplane
