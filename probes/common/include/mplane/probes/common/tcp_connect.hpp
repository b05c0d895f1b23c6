#pragma once

#include "mplane/probe/engine.hpp"
#include "mplane/probe/file_descriptor.hpp"
#include "mplane/probe/icmp_notice.hpp"
#include "mplane/probe/socket_address.hpp"
#include "mplane/probe/unique_function.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mplane {

/// How an attempt to connect ended.
enum class ConnectOutcome : std::uint8_t {
  Connected,
  Refused,      ///< the host answered, and nobody listens there: a reset, or ICMP port unreachable
  Prohibited,   ///< a firewall or router said so by ICMP
  Unreachable,  ///< a router said so by ICMP, or there is no route
  TimedOut,     ///< silence: filtered, or nobody there
  Unsent,       ///< this host could not even try
};

/// "connected", "refused", "prohibited", "unreachable", "timed-out", "unsent".
std::string_view to_string(ConnectOutcome outcome) noexcept;
/// What an errno and an ICMP error say of an attempt that failed: one of them may be missing, that
/// is 0 or nothing.
ConnectOutcome connect_outcome(IpFamily family, int error,
                               const std::optional<IcmpNotice>& notice) noexcept;

/// What became of an attempt to connect.
struct TcpConnection {
  ConnectOutcome outcome = ConnectOutcome::Unsent;
  int error = 0;  ///< errno; 0 when connected, timed out, or ended by a notice
  /// From the first SYN to whatever ended it, by the program's clock.
  std::chrono::nanoseconds took{0};
  FileDescriptor socket = {};                 ///< non-blocking; of one that is connected
  std::uint16_t source_port = 0;              ///< 0 if there was none
  std::optional<std::uint32_t> rtt_us = {};   ///< the kernel's measurement of the handshake
  std::uint32_t retransmissions = 0;          ///< of the SYN: then the time is not a delay
  std::optional<std::uint32_t> segment = {};  ///< the largest segment it sends, in bytes
  std::optional<IcmpNotice> notice = {};      ///< the ICMP error that ended it
};

/// One attempt to connect by TCP under way on the engine's loop. Made, used and destroyed on the
/// loop; destroyed before its end, it never calls.
class TcpConnect {
 public:
  /// Called once, never within `begin`; may destroy the attempt.
  using Done = UniqueFunction<void(TcpConnection)>;

  explicit TcpConnect(Engine& engine) : engine_(engine) {}
  TcpConnect(const TcpConnect&) = delete;
  TcpConnect& operator=(const TcpConnect&) = delete;
  ~TcpConnect() = default;

  /// Once only.
  void begin(const Endpoint& target, std::chrono::nanoseconds wait, Done done);

 private:
  void look();
  void judge(ConnectOutcome outcome, int error, const std::optional<IcmpNotice>& notice);
  void finish(TcpConnection connection);

  Engine& engine_;
  Endpoint target_{.host = Ip4()};
  Done done_;
  SteadyTime start_;
  FileDescriptor socket_;
  Watch watch_;
  Timer deadline_;
  Timer end_;
};

}  // namespace mplane
