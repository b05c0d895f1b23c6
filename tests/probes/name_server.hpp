#pragma once

#include "mplane/model/address.hpp"
#include "mplane/model/detail/mutex.hpp"
#include "mplane/probe/file_descriptor.hpp"
#include "mplane/probe/socket_address.hpp"
#include "probes/dns_reply.hpp"
#include "support/link/network_namespace.hpp"

#include <array>
#include <cstdint>
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
#include <vector>

namespace mplane::test {

/// A name server in some network, by UDP and, at the same port, by TCP: what it replies to each
/// query is a function's, called on the server's one thread. Thread-safe.
class NameServer {
 public:
  /// What goes back, in this order; nothing is silence. By TCP each is sent in two parts, and the
  /// connection closed behind the last.
  using Reply = std::function<std::vector<Packet>(const Packet& query, bool by_tcp)>;

  NameServer(const NetworkNamespace& network, const std::string& host, Reply reply)
      : reply_(std::move(reply)), stop_(::eventfd(0, EFD_CLOEXEC)) {
    std::async(std::launch::async, [&] {
      network.enter();
      open(Address::parse(host));
    }).get();
    thread_ = std::thread([this] { run(); });
  }
  ~NameServer() {
    const std::uint64_t one = 1;
    if (::write(stop_.number(), &one, sizeof one) > 0) thread_.join();
  }
  NameServer(const NameServer&) = delete;
  NameServer& operator=(const NameServer&) = delete;

  const Endpoint& endpoint() const noexcept { return endpoint_; }
  std::string port() const { return std::to_string(endpoint_.port); }
  /// What it was asked so far.
  std::vector<Packet> queries() const {
    const detail::Lock lock(mutex_);
    return queries_;
  }

 private:
  static FileDescriptor bound(const Endpoint& to, int type) {
    const auto local = SocketAddress::of(to.host, to.port);
    FileDescriptor socket(::socket(local.storage.ss_family, type | SOCK_CLOEXEC, 0));
    if (::bind(socket.number(), local.data(), local.length) != 0) return {};
    if (type == SOCK_STREAM && ::listen(socket.number(), 64) != 0) return {};
    return socket;
  }

  // The system gives a port that is free for one of the two; the other may take some attempts.
  void open(const Address& host) {
    for (int attempt = 0; attempt < 100; ++attempt) {
      datagrams_ = bound({host, 0}, SOCK_DGRAM);
      if (!datagrams_) break;
      endpoint_ = *local_endpoint(datagrams_.number());
      streams_ = bound(endpoint_, SOCK_STREAM);
      if (streams_) return;
    }
    throw std::runtime_error("cannot serve names at " + to_string(host));
  }

  void run() {
    for (;;) {
      std::array<pollfd, 3> ready{{{datagrams_.number(), POLLIN, 0},
                                   {streams_.number(), POLLIN, 0},
                                   {stop_.number(), POLLIN, 0}}};
      ::poll(ready.data(), ready.size(), -1);
      if (ready[2].revents != 0) return;
      if (ready[0].revents != 0) serve_datagram();
      if (ready[1].revents != 0) serve_stream();
    }
  }

  void serve_datagram() {
    Packet query(65'536);
    SocketAddress peer;
    peer.length = sizeof peer.storage;
    const auto size = ::recvfrom(datagrams_.number(), query.data(), query.size(), 0,
                                 reinterpret_cast<sockaddr*>(&peer.storage), &peer.length);
    if (size < 0) return;
    query.resize(static_cast<std::size_t>(size));
    for (const Packet& packet : replies_to(query, false)) {
      ::sendto(datagrams_.number(), packet.data(), packet.size(), 0, peer.data(), peer.length);
    }
  }

  void serve_stream() {
    const FileDescriptor connection(::accept4(streams_.number(), nullptr, nullptr, SOCK_CLOEXEC));
    std::array<std::uint8_t, 2> length{};
    if (!connection || ::recv(connection.number(), length.data(), 2, MSG_WAITALL) != 2) return;
    Packet query((std::size_t{length[0]} << 8U) | length[1]);
    const auto size = ::recv(connection.number(), query.data(), query.size(), MSG_WAITALL);
    if (size != static_cast<ssize_t>(query.size())) return;
    for (const Packet& packet : replies_to(query, true)) {
      length = {static_cast<std::uint8_t>(packet.size() >> 8U),
                static_cast<std::uint8_t>(packet.size() & 0xffU)};
      ::send(connection.number(), length.data(), length.size(), MSG_NOSIGNAL);
      ::send(connection.number(), packet.data(), packet.size(), MSG_NOSIGNAL);
    }
  }

  std::vector<Packet> replies_to(const Packet& query, bool by_tcp) {
    {
      const detail::Lock lock(mutex_);
      queries_.push_back(query);
    }
    return reply_(query, by_tcp);
  }

  const Reply reply_;
  const FileDescriptor stop_;
  FileDescriptor datagrams_;
  FileDescriptor streams_;
  Endpoint endpoint_{.host = Ip4()};
  mutable detail::Mutex mutex_;
  std::vector<Packet> queries_ MPLANE_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace mplane::test
