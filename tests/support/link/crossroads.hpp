#pragma once

#include "mplane/model/detail/mutex.hpp"
#include "support/link/link.hpp"
#include "support/link/network_namespace.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

namespace mplane::test {

/// Eight hosts, of which six are routers, with four paths in the middle, over which the first
/// router shares load by flow:
///
///                     .2 p1 .1 --- .2
///     a .1 --- .2 r1  .2 p2 .1 --- .2  r2 .1 --- .2 b
///                     .2 p3 .1 --- .2
///                     .2 p4 .1 --- .2
///
///     10.1.0.0/24     10.2.N.0/24     10.3.N.0/24     10.4.0.0/24       N is 1 to 4
///     fd01::/64       fd02:N::/64     fd03:N::/64     fd04::/64
///
/// Nobody limits how often he answers. Everything goes with the object. Thread-safe.
class Crossroads {
 public:
  static constexpr std::size_t kPaths = 4;
  static constexpr const char* kB4 = "10.4.0.2";
  static constexpr const char* kB6 = "fd04::2";

  /// @param delay of each direction between r2 and b: above 0 there is a link between them.
  /// @throws std::runtime_error, as when not root.
  explicit Crossroads(std::chrono::nanoseconds delay = {});
  ~Crossroads();

  const NetworkNamespace& a() const noexcept { return a_; }
  const NetworkNamespace& first_router() const noexcept { return r1_; }
  const NetworkNamespace& second_router() const noexcept { return r2_; }
  /// A router in the middle, from 0.
  const NetworkNamespace& path(std::size_t n) const { return paths_.at(n); }
  const NetworkNamespace& b() const noexcept { return b_; }

  /// What the link did so far, if there is one; it leads from r2 (a) to b.
  std::vector<LinkRecord> log() const;

 private:
  void join_far(std::chrono::nanoseconds delay);
  void lay_routes() const;

  const NetworkNamespace a_;
  const NetworkNamespace r1_;
  const std::array<NetworkNamespace, kPaths> paths_;
  const NetworkNamespace r2_;
  const NetworkNamespace b_;
  const NetworkNamespace between_;
  mutable detail::Mutex mutex_;
  std::vector<LinkRecord> log_ MPLANE_GUARDED_BY(mutex_);
  std::unique_ptr<Link> link_;
};

}  // namespace mplane::test
