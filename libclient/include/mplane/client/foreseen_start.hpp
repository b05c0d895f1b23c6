#pragma once

#include "mplane/model/time.hpp"

#include <string>

namespace mplane {

/// A start of a specification as a component foresees it. A value.
struct ForeseenStart {
  Instant time;
  std::string in_its_way = {};  ///< in the component's words; empty: nothing is
};

}  // namespace mplane
