#pragma once

#include "mplane/probe/datagram_port.hpp"
#include "mplane/probe/engine.hpp"
#include "mplane/probe/target_policy.hpp"
#include "mplane/probes/stamp/settings.hpp"

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <set>

namespace mplane::detail {

/// Whose packets belong together (RFC 8972 section 3): a sender, told from its others by an
/// identifier. A value.
struct StampSession {
  Address host;
  std::uint16_t port = 0;
  Address here;  ///< the address of this host that it sends to
  std::uint16_t identifier = 0;

  friend std::strong_ordering operator<=>(const StampSession&, const StampSession&) = default;
  friend bool operator==(const StampSession&, const StampSession&) = default;
};

/// Who is told what a reflector does, on the loop; none may leave meanwhile.
class ReflectorEvents {
 public:
  ReflectorEvents() = default;
  ReflectorEvents(const ReflectorEvents&) = delete;
  ReflectorEvents& operator=(const ReflectorEvents&) = delete;
  virtual ~ReflectorEvents() = default;

  /// A request, and errno of what its reply met.
  virtual void on_request(const StampSession& session, std::uint32_t sequence, WallTime received,
                          int error) = 0;
  virtual void on_stray() = 0;    ///< no request, or none that is authentic
  virtual void on_refused() = 0;  ///< one that is not replied to
};

/// The Session-Reflector of RFC 8762 for one family: replies to each test packet with when it came
/// and when its reply left, and counts the replies of each session, so that its sender can tell
/// where packets were lost. It does not reply to targets that must not be measured, to ports that
/// could be another reflector's (below 1024, or its own: two of them would never stop), nor above a
/// rate. One for all runs that overlap. Lives on the engine's loop.
class Reflector {
 public:
  /// @throws Error{Unavailable} when the port cannot be had.
  Reflector(Engine& engine, IpFamily family, const StampSettings& settings, TargetCheck check);

  void join(ReflectorEvents& events) { listening_.insert(&events); }
  void leave(ReflectorEvents& events) noexcept { listening_.erase(&events); }

 private:
  struct Count {
    std::uint32_t replies = 0;
    SteadyTime last;
  };

  void hear(const PortArrival& arrival);
  bool admits(const StampSession& session, SteadyTime now);
  bool is_in_rate(SteadyTime now) noexcept;
  bool make_room(SteadyTime now);
  int reply(const PortArrival& arrival, const StampRequest& request, std::uint32_t sequence);
  template <typename Tell>
  void each(const Tell& tell) {
    for (ReflectorEvents* const events : listening_) tell(*events);
  }

  const StampSettings settings_;
  const StampWire wire_;
  const TargetCheck check_;
  DatagramPort port_;
  std::set<ReflectorEvents*> listening_;
  std::map<StampSession, Count> sessions_;
  SteadyTime next_allowed_;  // when packets at the greatest rate would have come so far
  std::vector<std::uint8_t> buffer_;
  Watch watch_;
};

/// The reflectors of a module, each as long as a run has it. On the engine's loop.
class Reflectors {
 public:
  Reflectors(Engine& engine, const StampSettings& settings, TargetCheck check)
      : engine_(engine), settings_(settings), check_(std::move(check)) {}

  /// @throws Error{Unavailable} when the port cannot be had.
  std::shared_ptr<Reflector> of(IpFamily family);

 private:
  Engine& engine_;
  const StampSettings settings_;
  const TargetCheck check_;
  std::map<IpFamily, std::weak_ptr<Reflector>> open_;
};

}  // namespace mplane::detail
