#include "client/raw_server.hpp"

#include <array>
#include <netinet/in.h>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace mplane::test {
namespace {

bool send_all(const int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

void RawServer::silence(const int connection) {
  char byte = 0;
  while (recv(connection, &byte, 1, 0) > 0) {
  }
}

void RawServer::cut(const int) {}

void RawServer::rubbish(const int connection) { send_all(connection, "hello\r\n\r\n"); }

void RawServer::gigabyte(const int connection) {
  const std::string block(65536, ' ');
  bool more = send_all(connection,
                       "HTTP/1.1 200 OK\r\nContent-Type: application/x-mplane+json\r\n"
                       "Transfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; more && i < 16384; ++i) {
    more = send_all(connection, "10000\r\n") && send_all(connection, block) &&
           send_all(connection, "\r\n");
  }
}

RawServer::RawServer(const Behaviour behaviour)
    : behaviour_(behaviour), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, size) != 0 || listen(listener_, 16) != 0 ||
      getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("no socket to listen on");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

RawServer::~RawServer() {
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
}

std::string RawServer::url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }

void RawServer::wait_for_request() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return requests_ > 0; });
}

void RawServer::serve() {
  while (true) {
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return;
    std::array<char, 4096> request{};
    if (recv(connection, request.data(), request.size(), 0) > 0) {
      {
        const std::lock_guard lock(mutex_);
        ++requests_;
      }
      changed_.notify_all();
      behaviour_(connection);
    }
    close(connection);
  }
}

}  // namespace mplane::test
