#pragma once

#include "mplane/probe/datagram_port.hpp"
#include "mplane/probe/engine.hpp"
#include "mplane/probe/target_policy.hpp"
#include "mplane/probes/stamp/settings.hpp"
#include "session_table.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>

namespace mplane::detail {

/// Who is told what a reflector does, on the loop; none may leave meanwhile.
class ReflectorEvents {
 public:
  ReflectorEvents() = default;
  ReflectorEvents(const ReflectorEvents&) = delete;
  ReflectorEvents& operator=(const ReflectorEvents&) = delete;
  virtual ~ReflectorEvents() = default;

  struct Request {
    StampSession session;
    bool begins_session = false;  ///< a new one, or one that was silent for too long
    std::uint32_t sequence = 0;
    WallTime received = {};
    bool kernel_stamp = false;  ///< as of a `PortArrival`
    int error = 0;              ///< errno of what its reply met
  };

  virtual void on_request(const Request& request) = 0;
  virtual void on_stray() = 0;    ///< no request, or none that is authentic
  virtual void on_refused() = 0;  ///< one that is not replied to
};

/// Reads the clock.
using SteadyNow = std::function<SteadyTime()>;

/// The Session-Reflector of RFC 8762 for one family: replies to each test packet, with its DSCP,
/// when it came and when its reply left, and counts the replies of each session, so that its sender
/// can tell where packets were lost. It does not reply to targets that must not be measured, to
/// what may be another reflector (two of them would never stop), to more sessions than it counts
/// for, nor above a rate. One for all runs that overlap. Lives on the engine's loop.
class Reflector {
 public:
  /// @param now by which sessions are forgotten, and the rate is kept.
  /// @throws Error{Unavailable} when the port cannot be had.
  Reflector(Engine& engine, IpFamily family, const StampSettings& settings, TargetCheck check,
            SteadyNow now);

  void join(ReflectorEvents& events) { listening_.insert(&events); }
  void leave(ReflectorEvents& events) noexcept { listening_.erase(&events); }

 private:
  void hear(const PortArrival& arrival);
  bool may_be_reflector(const PortArrival& arrival) const;
  bool admits(const StampSession& session) const;
  bool is_in_rate(SteadyTime now) noexcept;
  int reply(const PortArrival& arrival, const StampRequest& request, std::uint32_t sequence);
  template <typename Tell>
  void each(const Tell& tell) {
    for (ReflectorEvents* const events : listening_) tell(*events);
  }

  const StampSettings settings_;
  const StampWire wire_;
  const TargetCheck check_;
  const SteadyNow now_;
  DatagramPort port_;
  std::set<ReflectorEvents*> listening_;
  SessionTable sessions_;
  SteadyTime next_allowed_;  // when packets at the greatest rate would have come so far
  std::vector<std::uint8_t> buffer_;
  Watch watch_;
};

/// The reflectors of a module, each as long as a run has it. On the engine's loop.
class Reflectors {
 public:
  Reflectors(Engine& engine, const StampSettings& settings, TargetCheck check,
             SteadyNow now = std::chrono::steady_clock::now)
      : engine_(engine), settings_(settings), check_(std::move(check)), now_(std::move(now)) {}

  /// @throws Error{Unavailable} when the port cannot be had.
  std::shared_ptr<Reflector> of(IpFamily family);

 private:
  Engine& engine_;
  const StampSettings settings_;
  const TargetCheck check_;
  const SteadyNow now_;
  std::map<IpFamily, std::weak_ptr<Reflector>> open_;
};

}  // namespace mplane::detail
