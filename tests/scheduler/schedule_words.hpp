#pragma once

#include "mplane/model/capability.hpp"
#include "mplane/model/registry.hpp"

#include <fstream>
#include <iterator>
#include <string>

namespace mplane::test {

/// The registry that has words for schedules.
inline Registry schedule_registry() {
  std::ifstream file(MPLANE_SOURCE_DIR "/registry/mplane.json");
  return Registry::decode(std::string(std::istreambuf_iterator<char>(file), {}));
}

/// A capability that any scope fits, of that registry.
inline Capability schedulable_capability(const std::string& label = "ping",
                                         const std::string& verb = "measure") {
  return Capability::of(verb, label)
      .when("past ... future")
      .parameter("destination.ip4")
      .result("delay.twoway.icmp.count")
      .build(schedule_registry());
}

}  // namespace mplane::test
