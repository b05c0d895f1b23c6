#include "mplane/tools/service_manager.hpp"

#include "support/scratch.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;

namespace {

/// A service manager's end of the socket.
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
  test::ScratchFolder folder_;
  const std::string path_;
  int socket_ = -1;
};

}  // namespace

TEST_CASE("the service manager is told in datagrams, and programs of ours know nothing of it") {
  const ManagersSocket socket;
  setenv("WATCHDOG_USEC", "30000000", 1);
  setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
  const ServiceManager manager;
  CHECK(std::getenv("NOTIFY_SOCKET") == nullptr);
  CHECK(std::getenv("WATCHDOG_USEC") == nullptr);
  CHECK(manager.watchdog_period() == 15s);
  CHECK(socket.heard().empty());
  manager.ready("listening");
  CHECK(socket.heard() == "READY=1\nSTATUS=listening");
  manager.reloading();
  CHECK_THAT(socket.heard(), Catch::StartsWith("RELOADING=1\nMONOTONIC_USEC="));
  manager.alive();
  CHECK(socket.heard() == "WATCHDOG=1");
  manager.stopping();
  CHECK(socket.heard() == "STOPPING=1");
}

TEST_CASE("a watchdog that waits for somebody else is none of ours") {
  const ManagersSocket socket;
  setenv("WATCHDOG_USEC", "30000000", 1);
  setenv("WATCHDOG_PID", "1", 1);
  CHECK_FALSE(ServiceManager().watchdog_period());
}

TEST_CASE("without a service manager nothing is said, and nothing fails") {
  for (const char* const address : {"", "/no/such/socket", "vsock:2:1234"}) {
    setenv("NOTIFY_SOCKET", address, 1);
    const ServiceManager manager;
    manager.ready("to nobody");
    CHECK_FALSE(manager.watchdog_period());
  }
}
