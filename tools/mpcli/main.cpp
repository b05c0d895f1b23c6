#include "command_line.hpp"
#include "mplane/tools/run_main.hpp"

#include <iostream>

int main(int argc, char** argv) {
  return mplane::run_main("mpcli", [&] {
    return mplane::run_command_line(argc, argv, {std::cout, std::cerr});
  });
}
