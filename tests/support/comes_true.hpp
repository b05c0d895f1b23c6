#pragma once

#include <chrono>
#include <thread>

namespace mplane::test {

/// Whether it becomes true in a while; generous, since only failing tests wait so long.
template <typename Condition>
bool comes_true(const Condition& condition) {
  const auto begin = std::chrono::steady_clock::now();
  while (!condition()) {
    if (std::chrono::steady_clock::now() - begin > std::chrono::seconds(20)) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace mplane::test
