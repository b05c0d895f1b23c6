#pragma once

#include "mplane/model/detail/mutex.hpp"
#include "mplane/session/identity.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <unordered_map>

namespace mplane::detail {

/// How often each peer may do something: so many times a second on average, and twice that at once.
/// Thread-safe.
class RateLimit {
 public:
  using Clock = std::chrono::steady_clock;

  /// So many peers are told apart; those beyond share what one may do.
  static constexpr std::size_t kPeers = 4096;

  explicit RateLimit(double per_second) : per_second_(per_second) {}

  double per_second() const noexcept { return per_second_; }

  /// May it do so once more? If so it is counted.
  bool admits(const Identity& peer, Clock::time_point now = Clock::now());

 private:
  /// What a peer has left, and when that was.
  struct Allowance {
    double left;
    Clock::time_point at;
  };

  double left(const Allowance& allowance, Clock::time_point now) const noexcept;

  const double per_second_;
  Mutex mutex_;
  std::unordered_map<std::string, Allowance> by_peer_ MPLANE_GUARDED_BY(mutex_);
};

}  // namespace mplane::detail
