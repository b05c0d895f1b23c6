#include "fleet.hpp"
#include "mplane/tools/run_main.hpp"
#include "options.hpp"

int main(int argc, char** argv) {
  return mplane::run_main("mpsim", [&] {
    mplane::SimOptions options;
    if (const auto code = mplane::read_options(argc, argv, options)) return *code;
    return mplane::simulate(options);
  });
}
