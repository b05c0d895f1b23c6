#pragma once

#include "mplane/probe/icmp_socket.hpp"
#include "mplane/probe/socket_address.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace mplane {

struct DatagramSocketOptions {
  std::optional<Address> source = {};  ///< the local address to send from; else the kernel's choice
  std::uint16_t source_port = 0;       ///< else the kernel's choice
  std::optional<Endpoint> peer = {};   ///< the only one to send to and hear from
  bool may_fragment = true;            ///< else packets longer than the path's MTU are errors
  std::size_t longest = 1500;          ///< bytes of a datagram, sent or received
};

/// A datagram, with views of the socket's buffers: good until the handler returns.
struct DatagramArrival {
  Endpoint from;
  Bytes bytes;
  std::optional<std::uint8_t> hop_limit;
  std::optional<std::uint8_t> traffic_class;
  WallTime received;
  bool kernel_stamp = false;  ///< else read from the clock after the datagram was handed over
};

/// An ICMP error, as an error queue tells it.
struct IcmpNotice {
  Address reporter;
  std::uint8_t type = 0;                       ///< as on the wire
  std::uint8_t code = 0;                       ///< as on the wire
  std::uint32_t mtu = 0;                       ///< where the error names one
  std::optional<std::uint8_t> hop_limit = {};  ///< of the error as it arrived
};

/// An ICMP error about a datagram of ours, with views of the socket's buffers.
struct NoticeArrival {
  IcmpNotice notice;
  Endpoint destination;  ///< of the datagram
  Bytes quoted;          ///< its payload as far as it was quoted, possibly nothing
  Bytes extensions;      ///< what the error says beside it: RFC 4884 section 7, with its header
  WallTime received;
  bool kernel_stamp = false;
};

/// Who is told what a socket received. None may destroy the socket.
struct DatagramEvents {
  std::function<void(const DatagramArrival&)> datagram = {};
  std::function<void(const NoticeArrival&)> notice = {};
  /// The kernel's stamp of a sent packet, by the number given to `send`.
  std::function<void(std::uint64_t packet, WallTime sent)> transmitted = {};
};

/// A datagram that is to leave.
struct DatagramDeparture {
  Endpoint to;
  Bytes bytes = {};
  std::uint64_t packet = 0;  ///< any number that tells it from others when its stamp arrives
  std::optional<std::uint8_t> hop_limit = {};
  std::uint8_t traffic_class = 0;  ///< as on the wire: DSCP in the upper six bits
};

/// A non-blocking UDP socket with kernel time stamps, hop limits, and the ICMP errors that its
/// datagrams caused; needs no privilege. One thread at a time.
class DatagramSocket {
 public:
  /// @throws Error{Configuration} naming the source or port that cannot be had, or {Unavailable}.
  DatagramSocket(IpFamily family, const DatagramSocketOptions& options);
  ~DatagramSocket();
  DatagramSocket(const DatagramSocket&) = delete;
  DatagramSocket& operator=(const DatagramSocket&) = delete;

  IpFamily family() const noexcept;
  int descriptor() const noexcept;
  /// Where it sends from.
  Endpoint local() const;

  SendOutcome send(const DatagramDeparture& datagram) noexcept;

  /// Takes what has arrived, at most some hundreds at once, and tells it: stamps of sent packets
  /// before what came. @return whether there may be more.
  bool receive(const DatagramEvents& events);
  /// Takes only stamps of sent packets and errors.
  void receive_stamps(const DatagramEvents& events);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The next ICMP error in a socket's error queue, of whatever kind the socket is; nothing if there
/// is none.
std::optional<IcmpNotice> take_notice(int descriptor);

/// Whether an error says that a firewall or an administrator does not want the packet.
bool is_prohibition(IpFamily family, const IcmpNotice& notice) noexcept;

}  // namespace mplane
