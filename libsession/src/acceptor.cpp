#include "acceptor.hpp"

#include "freer.hpp"
#include "mplane/model/error.hpp"
#include "mplane/session/url.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <system_error>
#include <utility>

namespace mplane::detail {
namespace {

constexpr int kBacklog = 4096;                    // the system's own limit caps it
constexpr int kAcceptsPerTurn = 64;               // then connections have their turn
constexpr std::chrono::milliseconds kPause{100};  // without free descriptors

[[noreturn]] void refuse(const std::string& address, std::uint16_t port, const std::string& why) {
  throw Error(ErrorKind::Configuration, to_string(HostPort{address, port}),
              "cannot listen there: " + why);
}

void set_option(int socket, int level, int option, int value) {
  setsockopt(socket, level, option, &value, sizeof value);
}

/// Accepted sockets inherit these on Linux, which saves them the calls.
void set_options(int socket) {
  set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1);
  set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  // A peer behind a NAT that forgot it is noticed after two minutes.
  set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, 4);
}

std::string text_of(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
    return to_string(HostPort{text.data(), ntohs(v4.sin_port)});
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &address, sizeof v6);
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text.data(), text.size());
  } else {
    inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
  }
  return to_string(HostPort{text.data(), ntohs(v6.sin6_port)});
}

bool lacks_resources(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Descriptor listen_on(const std::string& address, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  const int failure = getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &first);
  if (failure != 0) refuse(address, port, gai_strerror(failure));
  const std::unique_ptr<addrinfo, Freer<freeaddrinfo>> list(first);

  Descriptor socket(::socket(list->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) refuse(address, port, std::generic_category().message(errno));
  set_options(socket.number());
  if (list->ai_family == AF_INET6) {
    set_option(socket.number(), IPPROTO_IPV6, IPV6_V6ONLY, 0);
  }
  if (::bind(socket.number(), list->ai_addr, list->ai_addrlen) != 0 ||
      ::listen(socket.number(), kBacklog) != 0) {
    refuse(address, port, std::generic_category().message(errno));
  }
  return socket;
}

std::uint16_t port_of(const Descriptor& socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  getsockname(socket.number(), reinterpret_cast<sockaddr*>(&address), &size);
  // The port stands at the same place for both families.
  sockaddr_in v4{};
  std::memcpy(&v4, &address, sizeof v4);
  return ntohs(v4.sin_port);
}

Acceptor::Acceptor(boost::asio::io_context& context, Descriptor socket, const Site& site, Take take)
    : socket_(context), pause_(context), site_(site), take_(std::move(take)) {
  socket_.assign(socket.number());
  socket.release();
}

void Acceptor::start() {
  socket_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                     [this](const boost::system::error_code& error) {
                       if (!error) accept_all();
                     });
}

void Acceptor::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  pause_.cancel();
}

void Acceptor::accept_all() {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    Descriptor descriptor(::accept4(socket_.native_handle(), reinterpret_cast<sockaddr*>(&address),
                                    &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (descriptor.is_open()) {
      take_(std::move(descriptor), text_of(address));
      continue;
    }
    const int error = errno;
    if (error == EAGAIN) break;
    if (lacks_resources(error)) return pause(error);
    // Anything else befell one connection, not the listener (accept(2), "Error handling").
  }
  start();
}

void Acceptor::pause(int error) {
  site_.log(Severity::Error, "no connections are taken for a moment",
            {{"reason", std::strerror(error)}});
  pause_.expires_after(kPause);
  pause_.async_wait([this](const boost::system::error_code& stopped) {
    if (!stopped && socket_.is_open()) start();
  });
}

}  // namespace mplane::detail
