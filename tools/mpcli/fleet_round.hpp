#pragma once

#include "console.hpp"
#include "mplane/client.hpp"
#include "watch.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace mplane {

/// What the components of a fleet answered to one round of questions, apart from results. One
/// thread at a time.
class FleetRound {
 public:
  using Heard = std::function<void(const Fleet::News&)>;

  FleetRound(Fleet& fleet, const Console& console, Watch& watch)
      : fleet_(fleet), console_(console), watch_(watch) {}

  /// Asks, and hands on all news but failures, which are said on standard error. Has measurements
  /// interrupted, or waits no longer, as the watch says.
  void run(Fleet::Question question, const Heard& heard);

  /// Says that a component fails.
  void fail(const std::string& component, const Error& error);

  /// The components that yield no more, because they failed.
  const std::vector<std::string>& lost() const noexcept { return lost_; }
  /// 0 when nobody failed; 6 when somebody answered (`some`); else the least code of the failures.
  int verdict(bool some) const;

 private:
  std::optional<Fleet::News> next(bool& interrupting);
  void say(const std::string& component, const Error& error);

  Fleet& fleet_;
  const Console& console_;
  Watch& watch_;
  std::vector<std::string> lost_;
  std::optional<int> code_;
};

/// What one component offers.
struct Found {
  std::string component = {};  ///< who it is; empty when it could not be asked
  std::vector<Capability> capabilities = {};
};

/// Discovers at all of them. A component that can't be asked has nothing, and is said to fail.
std::vector<Found> discover_all(Fleet& fleet, FleetRound& round);

}  // namespace mplane
