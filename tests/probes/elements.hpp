#pragma once

#include "mplane/model/registry.hpp"
#include "support/scratch.hpp"

#include <string>
#include <string_view>

namespace mplane::test {

/// registry/probes.json of the source tree.
inline Registry probes_elements() {
  const auto text_of = [](std::string_view uri) {
    const std::string name(uri.substr(uri.rfind('/') + 1));
    return read_file(std::string(MPLANE_SOURCE) + "/registry/" + name + ".json");
  };
  return Registry::decode(text_of("/probes"), text_of);
}

}  // namespace mplane::test
