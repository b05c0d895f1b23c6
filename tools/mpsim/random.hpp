#pragma once

#include "options.hpp"

#include <cstddef>
#include <cstdint>
#include <random>

namespace mplane {

/// What a worker leaves to chance. One thread at a time.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t between(std::uint64_t least, std::uint64_t most) {
    return std::uniform_int_distribution<std::uint64_t>(least, most)(engine_);
  }
  Duration between(const TimeRange& range) {
    return Duration(std::uniform_int_distribution<Duration::rep>(range.least.count(),
                                                                 range.most.count())(engine_));
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace mplane
