#pragma once

#include "mplane/model/detail/random_bytes.hpp"
#include "mplane/model/time.hpp"
#include "mplane/session/detail/asked_pause.hpp"

#include <cstdint>
#include <random>

namespace mplane::detail {

/// How long to wait, so that a fleet neither marches in step nor storms a supervisor that comes
/// back. Small, for there may be two in each of thousands of components. One thread at a time.
class BackOff {
 public:
  /// @param seed 0: another each time.
  BackOff(Duration first, Duration last, std::uint64_t seed)
      : first_(first), last_(last), random_(seed == 0 ? random_number<std::uint64_t>() : seed) {}

  /// After a failure: half to all of the first, of twice as much, and so on up to the last.
  Duration after_failure();
  /// It works again.
  void reset() noexcept { failures_ = 0; }
  unsigned failures() const noexcept { return failures_; }
  /// A tenth more or less.
  Duration around(Duration interval);

 private:
  Duration between(Duration least, Duration most);

  const Duration first_;
  const Duration last_;
  std::minstd_rand random_;
  unsigned failures_ = 0;
};

}  // namespace mplane::detail
