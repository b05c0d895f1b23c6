#include "mplane/probes/system.hpp"

#include "mplane/probe/kernel_clock.hpp"
#include "probes/service_rig.hpp"
#include "support/link/veth_hosts.hpp"

#include <chrono>
#include <cstdint>
#include <future>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

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

TEST_CASE("periods that nobody lives to see the end of have no row", "[system]") {
  ServiceRig rig(probe());
  std::stop_source stop;
  // Of 292 years, of which the end can be counted in nanoseconds no more, or only just.
  for (const std::string period : {"9223372036s", "9000000000s", "200000000000s"}) {
    CAPTURE(period);
    auto later = rig.start("system-memory", "now ... future / " + period, {}, stop.get_token());
    for (int n = 0; n < 100; ++n) on_loop(rig.engine(), [] { return true; });
    stop.request_stop();
    CHECK(std::get<Result>(later.get()).row_count() == 0);
    stop = std::stop_source();
  }
}

TEST_CASE("a scope that needs more rows than a result has is refused", "[system][network]") {
  const VethHosts hosts;
  ServiceRig rig(hosts.a(), probe());
  CHECK(rig.exception("system-memory", {}, "now + 100001s / 1s") ==
        "when: 100001 periods with 1 rows each are more than the 100000 rows of a result: ask for "
        "longer "
        "periods, or for less time");
  const Texts all{{"source.interface", "all"}};
  CHECK_THAT(rig.exception("system-interface", all, "now + 50001s / 1s"),
             Catch::Contains("50001 periods with 2 rows each"));
  std::stop_source stop;
  auto later = rig.start("system-memory", "now + 99999s / 1s", {}, stop.get_token());
  stop.request_stop();
  CHECK(std::holds_alternative<Result>(later.get()));
}

TEST_CASE("an interface that goes away has rows until then, and the result says so",
          "[system][network]") {
  const NetworkNamespace network;
  network.run("ip link add eth0 type veth peer name eth1");
  ServiceRig rig(network, probe());
  auto later = rig.start("system-interface", "now + 2s / 1s", {{"source.interface", "eth0"}});
  on_loop(rig.engine(), [] { return true; });  // behind the run's begin
  network.run("ip link delete eth0");
  const auto result = std::get<Result>(later.get());
  CHECK(result.row_count() == 0);
  REQUIRE(result.find_metadata("sampling.problem") != nullptr);
  CHECK(result.find_metadata("sampling.problem")->get<std::string>() ==
        "2 of 2 periods have no row: what was asked for was not there");
}

TEST_CASE("processors' time is told in parts of what has grown", "[system]") {
  struct Case {
    const char* what;
    CpuTimes before;
    CpuTimes after;
    std::optional<CpuLoad> load;
  };
  const CpuTimes some{.user = 100, .system = 100, .idle = 100, .waiting = 100, .stolen = 100};
  const auto with = [&](std::uint64_t CpuTimes::*part, std::uint64_t ticks) {
    CpuTimes times = some;
    times.*part = ticks;
    return times;
  };
  const CpuTimes less_waiting{
      .user = 101, .system = 100, .idle = 103, .waiting = 98, .stolen = 100};
  const std::vector<Case> cases{
      {"nothing", some, some, std::nullopt},
      {"idle", some, with(&CpuTimes::idle, 104), CpuLoad{}},
      {"programs", some, with(&CpuTimes::user, 104), CpuLoad{.busy = 1, .user = 1}},
      {"the kernel", some, with(&CpuTimes::system, 104), CpuLoad{.busy = 1, .system = 1}},
      {"a disk", some, with(&CpuTimes::waiting, 104), CpuLoad{.waiting = 1}},
      {"others", some, with(&CpuTimes::stolen, 104), CpuLoad{.busy = 1, .stolen = 1}},
      {"waiting shrinks", some, less_waiting, CpuLoad{.busy = 0.25, .user = 0.25}},
      {"all begins anew", some, CpuTimes{.user = 3}, std::nullopt}};
  for (const Case& c : cases) {
    CAPTURE(c.what);
    const auto load = cpu_load(c.before, c.after);
    REQUIRE(load.has_value() == c.load.has_value());
    if (!load) continue;
    for (double CpuLoad::*part :
         {&CpuLoad::busy, &CpuLoad::user, &CpuLoad::system, &CpuLoad::waiting, &CpuLoad::stolen}) {
      CHECK((*load).*part == Approx((*c.load).*part));
    }
  }
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
