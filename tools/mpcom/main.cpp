#include "modules.hpp"
#include "mplane/tools/run_main.hpp"
#include "run_component.hpp"

int main(int argc, char** argv) {
  return mplane::run_main("mpcom",
                          [&] { return mplane::run_component(argc, argv, mplane::list_modules); });
}
