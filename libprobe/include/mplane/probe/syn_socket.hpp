#pragma once

#include "mplane/probe/icmp_socket.hpp"
#include "mplane/probe/socket_address.hpp"
#include "mplane/probe/tcp_segment.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace mplane {

/// When and how something came in answer to a SYN.
struct SynArrival {
  std::optional<std::uint8_t> hop_limit;
  WallTime received;
  bool kernel_stamp = false;  ///< else read from the clock after the packet was handed over
};

/// Who is told what a socket received. None may destroy the socket.
struct SynEvents {
  /// The target's SYN-ACK or reset, whatever the sequence number that it acknowledges.
  std::function<void(const SynAnswer&, const SynArrival&)> answer = {};
  /// An ICMP error about a SYN, with a view of the socket's buffer: good until the handler returns.
  std::function<void(const Address& reporter, const SegmentFailure&, const SynArrival&)> failure =
      {};
  /// The kernel's stamp of a sent packet, by the number given to `send`.
  std::function<void(std::uint64_t packet, WallTime sent)> transmitted = {};
};

/// A non-blocking source of SYNs that all look the same but for hop limit and sequence number, to
/// one port of one host: from a port that a bound TCP socket holds, so that nobody else has it and
/// the kernel resets what the target opens. By raw sockets, which takes CAP_NET_RAW, filtered in
/// the kernel, with kernel stamps. Who sends draws sequence numbers that cannot be guessed, and
/// believes only answers that bring one back. One thread at a time.
class SynSocket {
 public:
  /// Whether the process has the right to it.
  static bool is_allowed(IpFamily family) noexcept;

  /// @throws Error{Configuration} naming the missing right; {Unavailable} when the system lacks the
  /// family or has no descriptor left.
  explicit SynSocket(const Endpoint& target);
  ~SynSocket();
  SynSocket(const SynSocket&) = delete;
  SynSocket& operator=(const SynSocket&) = delete;

  /// Readable when there is something to receive: what the target sends, and errors.
  std::array<int, 2> descriptors() const noexcept;
  /// What SYNs come from.
  std::uint16_t port() const noexcept;

  /// Sends a SYN. @param packet any number that tells it from others when its stamp arrives.
  /// @return 0, or errno if the system did not take it.
  int send(std::uint32_t sequence, std::uint8_t hop_limit, std::uint64_t packet) noexcept;
  /// Takes what has arrived, at most some hundreds at once, and tells it.
  void receive(const SynEvents& events);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane
