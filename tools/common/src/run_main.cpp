#include "mplane/tools/run_main.hpp"

#include "mplane/model/error.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <sstream>
#include <string>
#include <system_error>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace mplane {
namespace {

/// Each line on its own, so that whoever reads them knows who speaks.
void complain(const std::string_view program, const std::string_view text) noexcept {
  try {
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
      std::cerr << program << ": " << line << '\n';
    }
  } catch (const std::exception&) {
    std::fputs("out of memory\n", stderr);
  }
}

/// What was printed and did not arrive would otherwise pass for done.
void flush_output() {
  errno = 0;
  std::cout.flush();
  if (std::cout) return;
  const std::string reason = errno == 0 ? "" : ": " + std::generic_category().message(errno);
  throw Error(ErrorKind::Internal, "standard output", "cannot be written" + reason);
}

}  // namespace

int run_main(const std::string_view program, const std::function<int()>& body) noexcept {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    const int code = body();
    flush_output();
    return code;
  } catch (const Error& error) {
    complain(program, error.what());
    return traits(error.kind()).exit_code;
  } catch (const std::exception& error) {
    complain(program, error.what());
    return traits(ErrorKind::Internal).exit_code;
  }
}

std::optional<int> read_command_line(CLI::App& app, const int argc, const char* const* const argv) {
  constexpr int kUsage = 2;
  try {
    app.parse(argc, argv);
    return {};
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kUsage;
  }
}

std::string_view version_text() noexcept { return "mPlane " MPLANE_VERSION; }

}  // namespace mplane
