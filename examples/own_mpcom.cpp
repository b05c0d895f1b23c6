// One's own mpcom: all that mpcom has, and a module more.

#include "load_module.hpp"

#include <mplane/mpcom.hpp>

int main(int argc, char** argv) {
  return mplane::run_component(argc, argv, [](const mplane::ModuleHost& host) {
    auto modules = mplane::builtin_modules(host);
    modules.push_back({"load", example::make_load});
    return modules;
  });
}
