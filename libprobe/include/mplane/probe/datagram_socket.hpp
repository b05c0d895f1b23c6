#pragma once

#include "mplane/probe/icmp_notice.hpp"
#include "mplane/probe/icmp_socket.hpp"
#include "mplane/probe/socket_address.hpp"

#include <cstddef>
#include <functional>
#include <memory>

namespace mplane {

/// A datagram, with a view of the socket's buffer: good until the handler returns.
struct DatagramArrival {
  Bytes bytes;
  WallTime received;
  bool kernel_stamp = false;  ///< else read from the clock after the datagram was handed over
};

/// Who is told what a socket received. None may destroy the socket.
struct DatagramEvents {
  std::function<void(const DatagramArrival&)> datagram = {};
  std::function<void(const IcmpNotice&)> notice = {};   ///< about what was sent
  std::function<void(WallTime sent)> transmitted = {};  ///< the kernel's stamp of what was sent
};

/// A non-blocking UDP socket for one question to one host, from a port that the system chooses by
/// chance, with kernel time stamps and the ICMP errors that the question caused. What others send
/// is not heard. Needs no privilege. One thread at a time.
class DatagramSocket {
 public:
  /// @param longest bytes of an answer: what is longer is cut. @throws Error{Unavailable}.
  DatagramSocket(const Endpoint& peer, std::size_t longest);
  ~DatagramSocket();
  DatagramSocket(const DatagramSocket&) = delete;
  DatagramSocket& operator=(const DatagramSocket&) = delete;

  int descriptor() const noexcept;
  /// @return 0, or errno if the system did not take it.
  int send(Bytes bytes) noexcept;
  /// Takes what has arrived, at most some dozens at once, and tells it: first stamps and errors.
  void receive(const DatagramEvents& events);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mplane
