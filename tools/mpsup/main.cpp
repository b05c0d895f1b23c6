#include "export.hpp"
#include "mplane/mpcom.hpp"
#include "supervisor_extension.hpp"

#include <string_view>

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "export") {
    return mplane::run_export(argc - 1, argv + 1);
  }
  mplane::SupervisorExtension supervisor;
  return mplane::run_component(
      argc, argv, mplane::builtin_modules,
      {.name = "mpsup",
       .description = "Offers what the components that register with it can measure.\n"
                      "'mpsup export --help' tells how to have the results that it keeps."},
      supervisor);
}
