#pragma once

#include <functional>
#include <vector>

namespace mplane::detail {

/// What is to be done about a change of state, once its lock is let go.
using Effects = std::vector<std::function<void()>>;

inline void perform(const Effects& effects) {
  for (const auto& effect : effects) effect();
}

}  // namespace mplane::detail
