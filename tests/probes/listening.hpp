#pragma once

#include "mplane/model/address.hpp"
#include "mplane/probe/file_descriptor.hpp"
#include "mplane/probe/socket_address.hpp"
#include "support/link/network_namespace.hpp"

#include <atomic>
#include <functional>
#include <future>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace mplane::test {

/// A TCP server in some network, on a port of the system's choice: each connection is handed to a
/// function, on the one thread of the server, and closed behind it.
class Listening {
 public:
  /// Told the connection's socket, which blocks.
  using Serve = std::function<void(int connection)>;

  Listening(
      const NetworkNamespace& network, std::string host, Serve serve = [](int) {})
      : host_(std::move(host)), serve_(std::move(serve)), stop_(::eventfd(0, EFD_CLOEXEC)) {
    socket_ = std::async(std::launch::async, [&] {
                network.enter();
                return open();
              }).get();
    port_ = local_endpoint(socket_.number())->port;
    thread_ = std::thread([this] { run(); });
  }
  ~Listening() {
    const std::uint64_t one = 1;
    if (::write(stop_.number(), &one, sizeof one) > 0) thread_.join();
  }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

  const std::string& host() const noexcept { return host_; }
  unsigned port() const noexcept { return port_; }
  int connections() const noexcept { return connections_; }

 private:
  FileDescriptor open() const {
    const Address host = Address::parse(host_);
    const auto local = SocketAddress::of(host);
    FileDescriptor socket(
        ::socket(host.is_ip4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::bind(socket.number(), local.data(), local.length) != 0 ||
        ::listen(socket.number(), 4096) != 0) {
      throw std::runtime_error("cannot listen at " + host_);
    }
    return socket;
  }

  void run() {
    for (;;) {
      pollfd ready[] = {{socket_.number(), POLLIN, 0}, {stop_.number(), POLLIN, 0}};
      ::poll(ready, 2, -1);
      if (ready[1].revents != 0) return;
      const FileDescriptor connection(::accept4(socket_.number(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!connection) continue;
      ++connections_;
      serve_(connection.number());
    }
  }

  const std::string host_;
  const Serve serve_;
  const FileDescriptor stop_;
  FileDescriptor socket_;
  unsigned port_ = 0;
  std::atomic<int> connections_{0};
  std::thread thread_;
};

}  // namespace mplane::test
