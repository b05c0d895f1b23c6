#pragma once

#include "mplane/model/detail/mutex.hpp"
#include "support/link/link.hpp"
#include "support/link/network_namespace.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mplane::test {

/// Two hosts, each a network namespace with one interface `eth0`, and a link between them. a has
/// 10.77.0.1/24 and fd77::1/64, b the same with 2. Everything goes with the object. Thread-safe.
class TwoHosts {
 public:
  static constexpr const char* kA4 = "10.77.0.1";
  static constexpr const char* kB4 = "10.77.0.2";
  static constexpr const char* kA6 = "fd77::1";
  static constexpr const char* kB6 = "fd77::2";

  /// @throws std::runtime_error, as when not root.
  explicit TwoHosts(const LinkSettings& settings);
  ~TwoHosts();

  const NetworkNamespace& a() const noexcept { return a_; }
  const NetworkNamespace& b() const noexcept { return b_; }

  /// What the link did so far, in the order in which packets left or were dropped.
  std::vector<LinkRecord> log() const;
  /// How many packets of the log are such.
  std::size_t count(const std::function<bool(const LinkRecord&)>& such) const;

 private:
  void connect(const NetworkNamespace& host, const std::string& end, int number);

  const NetworkNamespace a_;
  const NetworkNamespace b_;
  const NetworkNamespace between_;
  mutable detail::Mutex mutex_;
  std::vector<LinkRecord> log_ MPLANE_GUARDED_BY(mutex_);
  std::unique_ptr<Link> link_;
};

}  // namespace mplane::test
