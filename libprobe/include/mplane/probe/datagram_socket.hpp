#pragma once

#include "mplane/probe/icmp_notice.hpp"
#include "mplane/probe/icmp_socket.hpp"
#include "mplane/probe/socket_address.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace mplane {

/// A datagram, with a view of the socket's buffer: good until the handler returns.
struct DatagramArrival {
  Bytes bytes;
  WallTime received;
  bool kernel_stamp = false;  ///< else read from the clock after the datagram was handed over
  std::optional<std::uint8_t> hop_limit = {};
};

/// Who is told what a socket received. None may destroy the socket.
struct DatagramEvents {
  std::function<void(const DatagramArrival&)> datagram = {};
  /// About what was sent, with as much of its content as was quoted; that may be nothing.
  std::function<void(const IcmpNotice&, Bytes quoted)> notice = {};
  /// The kernel's stamp of a sent packet, by the number given to `send`.
  std::function<void(std::uint64_t packet, WallTime sent)> transmitted = {};
};

struct DatagramOptions {
  std::size_t longest = 1472;  ///< bytes of an answer: what is longer is cut
  std::size_t under_way = 1;   ///< the most packets whose stamps may come after later packets left
  std::optional<std::uint8_t> hop_limit = {};  ///< time to live; else the system's
  std::uint8_t traffic_class = 0;              ///< as on the wire: DSCP in the upper six bits
};

/// A non-blocking UDP socket for questions to one host, from a port that the system chooses by
/// chance, with kernel time stamps and the ICMP errors that the questions caused. What others send
/// is not heard. Needs no privilege. One thread at a time.
class DatagramSocket {
 public:
  /// @throws Error{Unavailable}.
  explicit DatagramSocket(const Endpoint& peer, const DatagramOptions& options = {});
  ~DatagramSocket();
  DatagramSocket(const DatagramSocket&) = delete;
  DatagramSocket& operator=(const DatagramSocket&) = delete;

  int descriptor() const noexcept;
  /// @param packet any number that tells this packet from others when its stamp arrives.
  /// @return 0, or errno if the system did not take it, be it for an error that an earlier packet
  /// has met: telling that clears it.
  int send(Bytes bytes, std::uint64_t packet = 0) noexcept;
  /// Takes what has arrived, at most some dozens at once, and tells it: first stamps and errors.
  void receive(const DatagramEvents& events);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane
