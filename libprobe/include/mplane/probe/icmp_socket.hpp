#pragma once

#include "mplane/model/address.hpp"
#include "mplane/probe/icmp_packet.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

namespace mplane {

/// When a packet passed: CLOCK_REALTIME, as the kernel stamps packets, in nanoseconds.
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;

/// The two ways to ICMP. Datagram sockets need no privilege where the system opens them
/// (net.ipv4.ping_group_range, for both families), and get only what answers their own packets;
/// raw ones need CAP_NET_RAW, and a filter to the same end.
enum class IcmpMode : std::uint8_t { Datagram, Raw };

struct IcmpSocketOptions {
  std::optional<Address> source = {};  ///< the local address to send from; else the kernel's choice
  std::optional<IcmpMode> mode = {};   ///< else datagram where the system allows it, or raw
  bool transmit_stamps = true;         ///< whether the kernel stamps what is sent, too
  std::size_t max_payload = 1472;      ///< longest echo payload in bytes, sent or received
  bool may_fragment = true;            ///< else requests leave whole, or are refused
};

/// What became of an attempt to send.
enum class SendStatus : std::uint8_t {
  Sent,
  Full,         ///< no room at the moment; worth another try when the socket is writable
  Unreachable,  ///< no route, or a local firewall: the packet is lost, the next one may pass
  Refused,      ///< not from this source to this target, whenever: a mistake in the request
};

struct SendOutcome {
  SendStatus status = SendStatus::Sent;
  int error = 0;  ///< errno, unless sent
};

/// An echo request that is to leave.
struct EchoDeparture {
  Address target;
  std::uint16_t sequence = 0;
  Bytes payload = {};
  std::uint64_t packet = 0;  ///< any number that tells it from others when its stamp arrives
  std::optional<std::uint8_t> hop_limit = {};  ///< time to live; else the system's
  std::uint8_t traffic_class = 0;              ///< as on the wire: DSCP in the upper six bits
};

/// What became of several.
struct BatchOutcome {
  std::size_t sent = 0;   ///< so many, the first ones, have left
  SendOutcome next = {};  ///< why the one behind them has not; Sent if there is none
};

/// An echo reply, with views of the socket's buffers: good until the handler returns.
struct EchoArrival {
  Address from;
  Echo echo;
  std::optional<std::uint8_t> hop_limit;
  WallTime received;
  /// Else read from the clock after the packet was handed over, as happens with the first packets
  /// when no other socket of the host had asked for stamps.
  bool kernel_stamp = false;
};

/// An ICMP error about a request of ours, with views of the socket's buffers.
struct FailureArrival {
  Address reporter;
  EchoFailure failure;
  std::optional<std::uint8_t> hop_limit;  ///< of the error
  WallTime received;
  bool kernel_stamp = false;  ///< as of an `EchoArrival`
};

/// Who is told what a socket received. None may destroy the socket.
struct IcmpEvents {
  std::function<void(const EchoArrival&)> reply = {};
  std::function<void(const FailureArrival&)> failure = {};
  /// The kernel's stamp of a sent packet, by the number given to `send`.
  std::function<void(std::uint64_t packet, WallTime sent)> transmitted = {};
};

/// A non-blocking socket for ICMP echo of one family, with kernel time stamps, for any number of
/// targets. It matches nothing but its identifier: who sends puts an EchoTag into the payload and
/// believes only replies that bring it back. One thread at a time.
class IcmpSocket {
 public:
  /// @throws Error{Configuration} naming the missing right, or the source that is not an address of
  /// this host; {Unavailable} when the system lacks the family or has no descriptor left.
  IcmpSocket(IpFamily family, IcmpSocketOptions options);
  ~IcmpSocket();
  IcmpSocket(const IcmpSocket&) = delete;
  IcmpSocket& operator=(const IcmpSocket&) = delete;

  IpFamily family() const noexcept;
  IcmpMode mode() const noexcept;
  int descriptor() const noexcept;
  /// Whether the kernel was told to stamp what comes in, and what goes out.
  bool stamps_received() const noexcept;
  bool stamps_sent() const noexcept;
  /// Packets for this socket that the kernel dropped since its buffer was full.
  std::uint32_t dropped() const noexcept;

  /// Sends one echo request with this socket's identifier. `packet` is any number that tells this
  /// packet from others when its stamp arrives.
  SendOutcome send(const Address& target, std::uint16_t sequence, Bytes payload,
                   std::uint64_t packet) noexcept;

  /// How many echo requests one call takes at most.
  static constexpr std::size_t kLargestBatch = 64;
  /// Sends several with one system call, in their order, up to the first that does not leave.
  BatchOutcome send(std::span<const EchoDeparture> requests) noexcept;

  /// Takes what has arrived, at most some hundreds at once, and tells it: stamps of sent packets
  /// before the replies to them. @return whether there may be more.
  bool receive(const IcmpEvents& events);
  /// Takes only stamps of sent packets and errors: worth it right after `send`, since most drivers
  /// stamp while they are called, and it spares being woken up for them.
  void receive_stamps(const IcmpEvents& events);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane
