#include "mplane/mpcom.hpp"

int main(int argc, char** argv) {
  return mplane::run_component(argc, argv, mplane::builtin_modules);
}
