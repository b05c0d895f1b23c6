#include "mplane/tools/service_manager.hpp"

#include "support/managers_socket.hpp"

#include <cstdlib>
#include <string>
#include <unistd.h>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace std::chrono_literals;

TEST_CASE("the service manager is told in datagrams, and programs of ours know nothing of it") {
  const test::ManagersSocket socket;
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
  const test::ManagersSocket socket;
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
