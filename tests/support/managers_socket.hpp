#pragma once

#include "support/scratch.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>

namespace mplane::test {

/// A service manager's end of the socket that the environment names from then on. One thread at a
/// time.
class ManagersSocket {
 public:
  ManagersSocket() : path_(folder_.path() / "notify") {
    socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
    REQUIRE(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    setenv("NOTIFY_SOCKET", path_.c_str(), 1);
  }
  ~ManagersSocket() { ::close(socket_); }
  ManagersSocket(const ManagersSocket&) = delete;
  ManagersSocket& operator=(const ManagersSocket&) = delete;

  /// What was said; nothing when nothing was. A datagram is there as soon as it is sent.
  std::string heard() const {
    std::array<char, 512> text{};
    const ssize_t bytes = ::recv(socket_, text.data(), text.size(), 0);
    return bytes < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(bytes));
  }

 private:
  ScratchFolder folder_;
  const std::string path_;
  int socket_ = -1;
};

}  // namespace mplane::test
