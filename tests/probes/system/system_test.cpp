#include "mplane/probes/system.hpp"

#include "mplane/probe/kernel_clock.hpp"
#include "probes/service_rig.hpp"
#include "support/link/veth_hosts.hpp"

#include <chrono>
#include <cstdint>
#include <future>
#include <stop_token>
#include <string>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

ServiceRig::Make probe() {
  return [](Engine& engine) { return make_system(probes_elements(), {}, {.engine = engine}); };
}

double real(const Row& row, std::string_view column) { return row.get<double>(column); }

}  // namespace

TEST_CASE("processors' time is told by its parts, a row for each period", "[system]") {
  ServiceRig rig(probe());
  const Result result = rig.result("system-cpu", {}, "now + 2s / 1s");
  REQUIRE(result.row_count() == 2);
  for (const Row row : result.rows()) {
    CHECK(real(row, "cpuload") >= 0);
    CHECK(real(row, "cpuload") <= 1);
    const double parts = real(row, "cpuload.user") + real(row, "cpuload.system");
    CHECK(real(row, "cpuload") == Approx(parts + real(row, "cpuload.stolen")).margin(0.001));
  }
  const auto apart = result.rows()[1].get<Instant>("time") - result.rows()[0].get<Instant>("time");
  CHECK(apart > 900ms);
}

TEST_CASE("memory is told in octets and as a part of all", "[system]") {
  ServiceRig rig(probe());
  const Result result = rig.result("system-memory", {}, "now + 1s / 1s");
  const Row row = result.rows()[0];
  const auto total = row.get<std::uint64_t>("octets.memory");
  const auto available = row.get<std::uint64_t>("octets.memory.available");
  CHECK(total > available);
  CHECK(real(row, "memload") ==
        Approx(1 - static_cast<double>(available) / static_cast<double>(total)));
}

TEST_CASE("an interface counts what passes it", "[system][network]") {
  const VethHosts hosts;
  ServiceRig rig(hosts.a(), probe());
  auto later = rig.start("system-interface", "now + 2s / 2s", {{"source.interface", "eth0"}});
  hosts.a().run("ping -q -c 50 -i 0.01 -s 1000 10.77.0.2");
  const auto result = std::get<Result>(later.get());
  REQUIRE(result.row_count() == 1);
  const Row row = result.rows()[0];
  CHECK(row.get<std::string>("observer.interface") == "eth0");
  CHECK(row.get<std::uint64_t>("interface.sent.packets") >= 50);
  CHECK(row.get<std::uint64_t>("interface.received.packets") >= 50);
  CHECK(row.get<std::uint64_t>("interface.sent.bps") > 50 * 1'000 * 8 / 3);
  CHECK(row.get<std::uint64_t>("interface.errors") == 0);
}

TEST_CASE("all interfaces, or one that is not there", "[system][network]") {
  const VethHosts hosts;
  ServiceRig rig(hosts.a(), probe());
  const Result all = rig.result("system-interface", {{"source.interface", "all"}}, "now + 1s / 1s");
  CHECK(all.row_count() == 2);  // lo and eth0
  CHECK(rig.exception("system-interface", {{"source.interface", "eth9"}}, "now + 1s / 1s") ==
        "this host has no interface eth9");
}

TEST_CASE("the clock's state is the kernel's", "[system]") {
  ServiceRig rig(probe());
  const Result result = rig.result("system-clock", {}, "now + 1s / 1s");
  const auto clock = kernel_clock();
  REQUIRE(clock);
  const Row row = result.rows()[0];
  CHECK(row.get<bool>("clock.synchronized") == clock->synchronised);
  // The bound grows by 500 us a second while nobody corrects the clock.
  const auto bound = static_cast<std::uint64_t>(clock->bound.count());
  CHECK(row.get<std::uint64_t>("clock.error.us") <= bound);
  CHECK(row.get<std::uint64_t>("clock.error.us") + 10'000 >= bound);
  CHECK(row.get<std::uint64_t>("clock.error.estimated.us") ==
        static_cast<std::uint64_t>(clock->estimate.count()));
}

TEST_CASE("a run that is asked to stop has the periods that have ended", "[system]") {
  ServiceRig rig(probe());
  std::stop_source stop;
  auto later = rig.start("system-memory", "now + 1h / 1s", {}, stop.get_token());
  CHECK(later.wait_for(1'500ms) == std::future_status::timeout);
  stop.request_stop();
  const auto result = std::get<Result>(later.get());
  CHECK(result.row_count() == 1);
}

TEST_CASE("what the kernel says is read, and nothing else is", "[system]") {
  const auto cpu = read_cpu_times("cpu  10 20 30 400 5 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8\n");
  REQUIRE(cpu);
  CHECK(cpu->user == 30);
  CHECK(cpu->system == 43);
  CHECK(cpu->idle == 400);
  CHECK(cpu->waiting == 5);
  CHECK(cpu->stolen == 8);
  CHECK(read_cpu_times("cpu  1 2 3 4\n")->stolen == 0);  // as old kernels have it
  for (const char* const text : {"", "cpu0 1 2 3 4\n", "cpu  1 2\n", "cpu  a b c d\n"}) {
    CHECK_FALSE(read_cpu_times(text));
  }
  const auto memory = read_memory(
      "MemTotal:  100 kB\nMemFree: 1 kB\nMemAvailable: 40 kB\nSwapTotal: 9 kB\nSwapFree: 4 kB\n");
  REQUIRE(memory);
  CHECK(memory->total == 100 * 1'024);
  CHECK(memory->available == 40 * 1'024);
  CHECK(memory->swap_used == 5 * 1'024);
  CHECK_FALSE(read_memory("MemTotal: 100 kB\n"));
  const auto interfaces = read_interfaces(
      "Inter-| Receive\n face |bytes\n  eth0: 100 2 3 4 0 0 0 0 500 6 7 8 0 0 0 0\n bad: 1 2\n");
  REQUIRE(interfaces.size() == 1);
  CHECK(interfaces.at("eth0").received_bytes == 100);
  CHECK(interfaces.at("eth0").sent_packets == 6);
  CHECK(interfaces.at("eth0").errors == 10);
  CHECK(interfaces.at("eth0").dropped == 12);
}
