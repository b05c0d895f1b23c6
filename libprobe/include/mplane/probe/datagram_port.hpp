#pragma once

#include "mplane/probe/icmp_socket.hpp"
#include "mplane/probe/socket_address.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace mplane {

/// A datagram that somebody sent to a port, with a view of the port's buffer: good until the
/// handler returns.
struct PortArrival {
  Bytes bytes;         ///< as many as the port takes of each
  std::size_t octets;  ///< that were sent
  Endpoint from;
  Address to;  ///< the address of this host that it was sent to: to answer from
  std::optional<std::uint8_t> hop_limit;
  std::uint8_t traffic_class = 0;  ///< as on the wire: DSCP in the upper six bits
  WallTime received;
  bool kernel_stamp = false;  ///< else read from the clock after the datagram was handed over
};

/// A UDP port of one family at all addresses of this host, which hears everybody and answers from
/// the address that was spoken to, with kernel time stamps of what arrives. Ports below 1024 need
/// CAP_NET_BIND_SERVICE. One thread at a time.
class DatagramPort {
 public:
  /// @param port 0 has the system choose. @param longest bytes of a datagram: what is longer is
  /// cut. @param room bytes for what has arrived and was not yet taken.
  /// @throws Error{Unavailable} when the port is taken, not allowed, or the family not there.
  DatagramPort(IpFamily family, std::uint16_t port, std::size_t longest = 1500, int room = 1 << 20);
  ~DatagramPort();
  DatagramPort(const DatagramPort&) = delete;
  DatagramPort& operator=(const DatagramPort&) = delete;

  std::uint16_t port() const noexcept;
  int descriptor() const noexcept;
  /// As `messages_dropped`.
  std::uint32_t dropped() const noexcept;
  /// From an address of this host. @return 0, or errno if the system did not take it.
  int send(Bytes bytes, const Endpoint& to, const Address& from,
           std::uint8_t traffic_class = 0) noexcept;
  /// Takes what has arrived, at most some dozens at once, and tells it. The handler must not
  /// destroy the port.
  void receive(const std::function<void(const PortArrival&)>& handler);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane
