#pragma once

#include "descriptor.hpp"
#include "site.hpp"

#include <cstdint>
#include <functional>
#include <string>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace mplane::detail {

/// A bound, listening, non-blocking TCP socket. Throws Error{Configuration}: `where` is the
/// address, the message why it cannot be had.
Descriptor listen_on(const std::string& address, std::uint16_t port);

/// The port that a socket is bound to.
std::uint16_t port_of(const Descriptor& socket);

/// Takes connections from a listening socket and never gives up: without free descriptors it
/// pauses. A resource; on its loop's thread only.
class Acceptor {
 public:
  using Take = std::function<void(Descriptor, std::string remote)>;

  Acceptor(boost::asio::io_context& context, Descriptor socket, const Site& site, Take take);

  void start();
  void close();

 private:
  void accept_all();
  void pause(int error);

  boost::asio::posix::stream_descriptor socket_;
  boost::asio::steady_timer pause_;
  const Site& site_;
  const Take take_;
};

}  // namespace mplane::detail
