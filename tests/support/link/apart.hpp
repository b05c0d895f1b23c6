#pragma once

#include <future>
#include <utility>

namespace mplane::test {

/// Runs a function on a thread of its own, since namespaces and rights are a thread's.
template <typename F>
auto apart(F function) {
  return std::async(std::launch::async, std::move(function)).get();
}

}  // namespace mplane::test
