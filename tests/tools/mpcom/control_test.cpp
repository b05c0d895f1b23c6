#include "mpcom/control.hpp"

#include "support/fake_clock.hpp"
#include "support/managers_socket.hpp"

#include <csignal>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;

namespace {

/// What a service manager that waits for a watchdog hears of a component that is well, or not, each
/// time it looks, and is then told to end.
std::vector<std::string> heard_of(const std::vector<bool>& well) {
  const SignalQueue signals = control_signals();
  const test::ManagersSocket socket;
  setenv("WATCHDOG_USEC", "2000", 1);
  const ServiceManager manager;
  test::FakeClock clock;
  LogOutput output({});
  CertificateWatch watch(clock, {});
  Component component({.listen = "127.0.0.1:0", .insecure = true});
  Reload reload("component.yaml", {}, {}, component, output, watch);
  std::size_t looks = 0;
  Control control{signals, manager, output, watch, reload, [&] {
                    if (looks + 1 == well.size()) raise(SIGTERM);
                    return well[looks++];
                  }};
  control.run();
  CHECK(looks == well.size());
  std::vector<std::string> heard;
  for (std::string said = socket.heard(); !said.empty(); said = socket.heard()) {
    heard.push_back(std::move(said));
  }
  return heard;
}

}  // namespace

TEST_CASE("the watchdog is fed while all is well, and only then") {
  using Heard = std::vector<std::string>;
  CHECK(heard_of({true, true}) == Heard{"WATCHDOG=1", "WATCHDOG=1", "STOPPING=1"});
  CHECK(heard_of({true, false, false, true}) == Heard{"WATCHDOG=1", "WATCHDOG=1", "STOPPING=1"});
  CHECK(heard_of({false}) == Heard{"STOPPING=1"});
}
