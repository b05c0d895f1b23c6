#pragma once

#include "support/scratch.hpp"

#include <cstdlib>
#include <fstream>
#include <string>

#include <catch2/catch.hpp>

namespace mplane::test {

/// Compares an output with golden/<name>. With MPLANE_UPDATE_GOLDEN set it is written there first,
/// to be looked at and committed.
inline void check_golden(const std::string& name, const std::string& output) {
  const std::string path = MPLANE_GOLDEN "/" + name;
  if (std::getenv("MPLANE_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << output;
  INFO("the output differs from " << path);
  CHECK(output == read_file(path));
}

}  // namespace mplane::test
