#include "export.hpp"
#include "fleet_command.hpp"
#include "mplane/mpcom.hpp"
#include "supervisor_extension.hpp"

#include <string_view>

int main(int argc, char** argv) {
  const std::string_view word = argc > 1 ? argv[1] : "";
  if (word == "export" || word == "results") {
    return mplane::run_export(argc - 1, argv + 1);
  }
  if (argc > 1 && mplane::is_fleet_command(argv[1])) {
    return mplane::run_fleet_command(argc - 1, argv + 1);
  }
  mplane::SupervisorExtension supervisor;
  return mplane::run_component(
      argc, argv, mplane::builtin_modules,
      {.name = "mpsup",
       .description = "Offers what the components can measure that register with it, or that it\n"
                      "connects to. 'mpsup status', 'components', 'capabilities' and\n"
                      "'measurements' tell how one that runs fares, 'mpsup results' and 'export'\n"
                      "what it keeps; each has a --help."},
      supervisor);
}
