#include "mplane/probe/target_policy.hpp"
#include "probes/name_server.hpp"
#include "support/comes_true.hpp"
#include "support/link/rights.hpp"
#include "support/sanitizers.hpp"
#include "trace_rig.hpp"

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <sys/resource.h>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

/// The process gets no further descriptor.
class FewDescriptors {
 public:
  FewDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit few = before_;
    few.rlim_cur = 3;
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("every hop is found, by each method and in both families", "[trace][network]") {
  const Crossroads network;
  const bool datagram = GENERATE(false, true);  // how ICMP echo goes
  if (datagram) network.a().set("ipv4/ping_group_range", "0 2147483647");
  for (const std::string method : {"udp", "icmp", "tcp", "connect"}) {
    ServiceRig rig(network.a(), module_for(method));
    for (const std::string target : {Crossroads::kB4, Crossroads::kB6}) {
      CAPTURE(datagram, method, target);
      const std::string tail = tail_for(target);
      const Result result = trace(rig, method, target, 2);
      CHECK(end_of(result) == "reached");
      CHECK(text_of(result, "hops.ip") == "4");
      CHECK(text_of(result, "trace.flow") == (method == "connect" ? "per-probe" : "constant"));
      CHECK(text_of(result, "packets.stray") == "-");
      REQUIRE(result.row_count() == 8);
      auto found = answers(result);
      CHECK(found["1"] == std::set<std::string>{tail == "ip4" ? "10.1.0.2" : "fd01::2"});
      CHECK(in_the_middle(found["2"], tail));
      CHECK(found["4"] == std::set<std::string>{target});
      auto outcomes = by_hop(result, "hop.outcome");
      CHECK(outcomes["3"] == std::set<std::string>{"passed"});
      CHECK(outcomes["4"] == std::set<std::string>{"reached"});
      auto limits = by_hop(result, "hoplimit.reply.ip");
      CHECK(limits["1"] == std::set<std::string>{"64"});
      CHECK(limits["3"] == std::set<std::string>{"62"});
      for (const Row row : result.rows()) {
        CHECK(cell(row, "destination." + tail) == target);
        CHECK(row.get<std::uint64_t>("delay.hop.us") < 400'000);
      }
    }
  }
}

TEST_CASE("delays are by the kernel's stamps", "[trace][network]") {
  const TwoHosts hosts({.a_to_b = {.delay = 10ms}, .b_to_a = {.delay = 10ms}});
  hosts.b().set("ipv4/icmp_ratelimit", "0");
  const std::string method = GENERATE("udp", "icmp", "tcp", "connect");
  ServiceRig rig(hosts.a(), module_for(method));
  trace(rig, method, TwoHosts::kB4);  // the first to ask for stamps may not get any
  const Result result = trace(rig, method, TwoHosts::kB4);
  REQUIRE(end_of(result) == "reached");
  CHECK(text_of(result, "timestamps.source") == (method == "connect" ? "user" : "kernel"));
  CHECK(result.rows()[0].get<std::uint64_t>("delay.hop.us") >= 20'000);
  CHECK(result.rows()[0].get<std::uint64_t>("delay.hop.us") < 200'000);
  CHECK(result.find_metadata("clock.error.us") != nullptr);
}

TEST_CASE("the packets of a flow take one way", "[trace][network]") {
  const Crossroads network;
  ServiceRig rig(network.a(), trace_module());
  const std::string method = GENERATE("udp", "icmp", "tcp");
  const std::string target = GENERATE(Crossroads::kB4, Crossroads::kB6);
  for (int repetition = 0; repetition < 5; ++repetition) {
    auto found = answers(trace(rig, method, target, 10));
    CHECK(found["2"].size() == 1);
    CHECK(found["3"].size() == 1);
  }
}

TEST_CASE("a flow can be chosen by its source port, and is in the result", "[trace][network]") {
  const Crossroads network;
  ServiceRig rig(network.a(), trace_module());
  Texts parameters = to("udp", Crossroads::kB4);
  const Result any = rig.result("trace-udp-ip4", parameters);
  CHECK(any.get<std::uint64_t>("source.port") > 0);
  std::set<std::string> routers;
  for (int port = 40'000; port < 40'032; ++port) {
    parameters["source.port"] = std::to_string(port);
    const Result result = rig.result("trace-udp-ip4", parameters);
    CHECK(result.get<std::uint64_t>("source.port") == static_cast<std::uint64_t>(port));
    const auto second = answers(result)["2"];
    CHECK(answers(rig.result("trace-udp-ip4", parameters))["2"] == second);
    routers.insert(*second.begin());
  }
  CHECK(routers.size() == Crossroads::kPaths);
}

TEST_CASE("several flows find all parallel paths", "[trace][network]") {
  const Crossroads network;
  ServiceRig rig(network.a(), trace_module());
  const std::string method = GENERATE("paths", "paths-tcp");
  const std::string target = GENERATE(Crossroads::kB4, Crossroads::kB6);
  const Result result = trace(rig, method, target, 48);  // one of four is missed by 4 in a million
  CHECK(end_of(result) == "reached");
  CHECK(text_of(result, "paths.ip") == "4");
  CHECK(result.find_metadata("paths.missed.chance")->get<double>() < 1e-3);
  CHECK(result.row_count() == 4 * 48);
  auto found = answers(result);
  CHECK(found["1"].size() == 1);
  CHECK(found["2"].size() == Crossroads::kPaths);
  CHECK(in_the_middle(found["2"], tail_for(target)));
  CHECK(found["4"] == std::set<std::string>{target});
  std::set<std::string> flows;
  for (const Row row : result.rows()) {
    flows.insert(cell(row, "flow.number") + " " + cell(row, "source.port"));
  }
  CHECK(flows.size() == 48);
}

TEST_CASE("all hops are asked at the same time", "[trace][network]") {
  const Crossroads network(100ms);  // between the last two
  const std::string method = GENERATE("udp", "icmp", "tcp", "connect");
  ServiceRig rig(network.a(), module_for(method, {{"wait", "5s"}}));
  const auto start = std::chrono::steady_clock::now();
  const Result result = trace(rig, method, Crossroads::kB4);
  const auto took = std::chrono::steady_clock::now() - start;
  CHECK(end_of(result) == "reached");
  CHECK(result.row_count() == 4);
  CHECK(took >= 200ms);
  CHECK(took < 400ms);
}

TEST_CASE("packets for a hop keep their distance where one is asked for", "[trace][network]") {
  const Crossroads network;
  ServiceRig rig(network.a(), trace_module());
  Texts parameters = to("udp", Crossroads::kB4, 3);
  parameters["trace.interval.us"] = "100000";
  const Result result = rig.result("trace-udp-ip4", parameters);
  CHECK(end_of(result) == "reached");
  REQUIRE(result.row_count() == 12);
  std::map<std::string, Instant> last;
  for (const Row row : result.rows()) {
    const auto time = row.get<Instant>("time");
    const auto before = last.find(cell(row, "hop.number"));
    if (before != last.end()) CHECK(time - before->second >= 90ms);
    last[cell(row, "hop.number")] = time;
  }
}

TEST_CASE("hops that say nothing are rows without an answer", "[trace][network]") {
  const Crossroads network;
  network.second_router().run("ip route del 10.1.0.0/24");  // can send nothing back
  network.second_router().run("ip route add blackhole 10.1.0.0/24");
  const std::string method = GENERATE("udp", "icmp", "tcp", "connect");
  ServiceRig rig(network.a(), module_for(method, {{"wait", "300ms"}}));
  const Result result = trace(rig, method, Crossroads::kB4);
  CHECK(end_of(result) == "silent");
  CHECK(result.row_count() == 12);  // ten beyond the last one that answered
  CHECK(answers(result)["1"] == std::set<std::string>{"10.1.0.2"});
  CHECK(answers(result)["3"] == std::set<std::string>{"-"});
  CHECK(by_hop(result, "hop.outcome")["3"] == std::set<std::string>{"silent"});
  CHECK(text_of(result, "hops.ip") == "-");
}

TEST_CASE("a target that tires of answering was reached all the same", "[trace][network]") {
  const Crossroads network;
  network.b().set("ipv4/icmp_ratelimit", "60000");  // six errors at once, then one a minute
  ServiceRig rig(network.a(), trace_module({{"wait", "300ms"}}));
  const Result result = trace(rig, "paths", Crossroads::kB4, 16);
  CHECK(end_of(result) == "reached");
  CHECK(text_of(result, "hops.ip") == "4");
  CHECK(result.row_count() == 4 * 16);  // none beyond it
  CHECK(by_hop(result, "hop.outcome")["4"] == std::set<std::string>{"reached", "silent"});
}

TEST_CASE("somebody who says that there is no way on ends the trace", "[trace][network]") {
  const Crossroads network;
  const std::string kind = GENERATE("prohibit", "unreachable");
  network.second_router().run("ip route add " + kind + " 198.51.100.0/24");
  network.first_router().run("ip route add 198.51.100.0/24 via 10.2.1.2");
  network.path(0).run("ip route add 198.51.100.0/24 via 10.3.1.2");
  const std::string method = GENERATE("udp", "icmp", "tcp", "connect");
  ServiceRig rig(network.a(), module_for(method));
  const Result result = trace(rig, method, "198.51.100.7");
  CHECK(end_of(result) == "unreachable");
  REQUIRE(result.row_count() == 3);
  CHECK(cell(result.rows()[2], "hop.outcome") ==
        (kind == "prohibit" ? "prohibited" : "unreachable"));
  CHECK(cell(result.rows()[2], "icmp.type") == "3");
  CHECK(cell(result.rows()[2], "icmp.code") == (kind == "prohibit" ? "13" : "1"));
}

TEST_CASE("one path that is closed hides no target that others reach", "[trace][network]") {
  const Crossroads network;
  network.path(0).run("ip route add prohibit 10.4.0.2/32");
  ServiceRig rig(network.a(), module_for("connect"));
  const Result result = trace(rig, "connect", Crossroads::kB4, 10);  // a quarter each way, or so
  CHECK(end_of(result) == "reached");
  CHECK(text_of(result, "hops.ip") == "4");
  CHECK(answers(result)["4"].count(Crossroads::kB4) == 1);
  CHECK(by_hop(result, "hop.outcome")["4"].count("reached") == 1);
  std::set<std::string> outcomes;  // of 30 packets that went beyond the first router
  for (const Row row : result.rows()) outcomes.insert(cell(row, "hop.outcome"));
  CHECK(outcomes.count("prohibited") == 1);
}

TEST_CASE("a target may be further than allowed", "[trace][network]") {
  const Crossroads network;
  ServiceRig rig(network.a(), trace_module());
  Texts parameters = to("udp", Crossroads::kB4);
  parameters["trace.hops"] = "2";
  const Result result = rig.result("trace-udp-ip4", parameters);
  CHECK(end_of(result) == "too-far");
  CHECK(result.row_count() == 2);
}

TEST_CASE("a path of more hops than are asked at once is found whole", "[trace][network]") {
  const Crossroads network;  // where packets for 198.51.100.7 go back and forth
  network.first_router().run("ip route add 198.51.100.0/24 via 10.2.1.2");
  network.path(0).run("ip route add 198.51.100.0/24 via 10.2.1.1");
  ServiceRig rig(network.a(), trace_module());
  Texts parameters = to("udp", "198.51.100.7");
  parameters["trace.hops"] = "64";
  const Result result = rig.result("trace-udp-ip4", parameters);
  CHECK(end_of(result) == "too-far");
  CHECK(result.row_count() == 64);
  CHECK(answers(result)["64"] == std::set<std::string>{"10.2.1.2"});
}

TEST_CASE("nobody can trace by UDP and TCP, and by ICMP where the system allows echo",
          "[trace][network]") {
  const Crossroads network;
  const bool open = GENERATE(false, true);
  if (open) network.a().set("ipv4/ping_group_range", "0 2147483647");
  std::vector<std::string> said;
  ServiceRig rig(network.a(), [&](Engine& engine) {
    become_nobody();
    const LogSink log = [&](const LogRecord& record) { said.push_back(record.message); };
    return make_trace(probes_elements(), {{"wait", "500ms"}}, {.engine = engine, .log = log});
  });
  const auto labels = rig.labels();
  const std::set<std::string> offered(labels.begin(), labels.end());
  for (const std::string tail : {"ip4", "ip6"}) {
    CHECK(offered.count("trace-icmp-" + tail) == (open ? 1 : 0));
    CHECK(offered.count("path-mtu-" + tail) == (open ? 1 : 0));
    CHECK(offered.count("paths-udp-" + tail) == 1);
    CHECK(offered.count("paths-tcp-" + tail) == 0);
  }
  using Lines = std::vector<std::string>;
  CHECK(said == (open ? Lines{"paths-tcp-ip4 is not offered", "paths-tcp-ip6 is not offered"}
                      : Lines{"trace-icmp-ip4 is not offered", "paths-tcp-ip4 is not offered",
                              "path-mtu-ip4 is not offered", "trace-icmp-ip6 is not offered",
                              "paths-tcp-ip6 is not offered", "path-mtu-ip6 is not offered"}));
  for (const std::string target : {Crossroads::kB4, Crossroads::kB6}) {
    CHECK(end_of(trace(rig, "udp", target)) == "reached");
    CHECK(end_of(trace(rig, "tcp", target)) == "reached");
    if (open) CHECK(end_of(trace(rig, "icmp", target)) == "reached");
  }
}

TEST_CASE("by UDP an echo of what was sent tells the target, and nothing else that serves there",
          "[trace][network]") {
  const TwoHosts hosts({});
  const bool echoes = GENERATE(true, false);
  const NameServer served(hosts.b(), TwoHosts::kB4, [echoes](const Packet& packet, bool) {
    return std::vector<Packet>{echoes ? packet : Packet{'w', 'h', 'o', '?'}};
  });
  ServiceRig rig(hosts.a(), trace_module());
  Texts parameters = to("udp", TwoHosts::kB4);
  parameters["destination.port"] = served.port();
  const Result result = rig.result("trace-udp-ip4", parameters);
  CHECK(end_of(result) == (echoes ? "reached" : "silent"));
  CHECK(text_of(result, "hops.ip") == (echoes ? "1" : "-"));
  CHECK(text_of(result, "packets.stray") == (echoes ? "-" : "10"));
}

TEST_CASE("what was given up sends no more SYNs", "[trace][network]") {
  const TwoHosts hosts({.a_to_b = {.loss = 1}});
  ServiceRig rig(hosts.a(), module_for(GENERATE("tcp", "connect"), {{"wait", "500ms"}}));
  Texts parameters = to("tcp", TwoHosts::kB4, 10);
  parameters["trace.hops"] = "2";
  parameters["trace.interval.us"] = "200000";  // the kernel repeats them after a second
  const Result result = rig.result("trace-tcp-ip4", parameters);
  CHECK(end_of(result) == "silent");
  CHECK(result.row_count() == 20);
  CHECK(hosts.count([](auto& r) { return r.packet.starts_with("tcp4"); }) == 20);
}

TEST_CASE("names are resolved, and what they stand for is in the result", "[trace][network]") {
  ServiceRig rig(trace_module());
  const Result result = rig.result("trace-udp-ip4", to("udp", "localhost"));
  CHECK(end_of(result) == "reached");
  CHECK(cell(result.rows()[0], "destination.ip4") == "127.0.0.1");
}

TEST_CASE("a name that resolves to nothing is a result that says why", "[trace][network]") {
  ServiceRig rig(trace_module({{"resolver", "127.0.0.1:9"}}));  // where nobody answers
  const std::string method = GENERATE("udp", "icmp", "tcp");
  const Result result = rig.result(label_of(method, "ip4"), to(method, "nothing.example"));
  CHECK(end_of(result) == "unresolved");
  CHECK(text_of(result, "resolution.problem") != "-");
  REQUIRE(result.row_count() == 1);
  CHECK(cell(result.rows()[0], "hop.outcome") == "unresolved");
  CHECK(cell(result.rows()[0], "destination.ip4") == "-");
  const Result other = rig.result("path-mtu-ip6", {{"destination.name", "127.0.0.1"}});
  CHECK(cell(other.rows()[0], "mtu.outcome") == "unresolved");
  CHECK(text_of(other, "resolution.problem") == "it is no IPv6 host");
}

TEST_CASE("targets that must not be measured are not", "[trace][network]") {
  const TargetPolicy policy;
  ServiceRig rig(trace_module({}, [policy](const Address& target) { policy.check(target); }));
  for (const std::string method : {"udp", "icmp", "tcp"}) {
    CHECK_THAT(rig.exception(label_of(method, "ip4"), to(method, "localhost")),
               Catch::Contains("127.0.0.1") && Catch::Contains("loopback"));
  }
  CHECK_THAT(rig.exception("path-mtu-ip4", {{"destination.name", "127.0.0.1"}}),
             Catch::Contains("loopback"));
  CHECK_THAT(rig.exception("trace-udp-ip4", to("udp", "two words")), Catch::Contains("no name"));
}

TEST_CASE("without a route nothing is sent, and that is a result", "[trace][network]") {
  const NetworkNamespace network;
  const std::string method = GENERATE("udp", "icmp", "tcp", "connect", "paths", "paths-tcp");
  ServiceRig rig(network, module_for(method));
  const Result result = rig.result(label_of(method, "ip4"), to(method, "192.0.2.1", 2));
  CHECK(end_of(result) == "unsent");
  CHECK(text_of(result, "sending.problem") == "Network is unreachable");
  for (const Row row : result.rows()) {
    CHECK(cell(row, "hop.outcome") == "unsent");
    CHECK(cell(row, "hop.number") == "1");
  }
}

TEST_CASE("for want of descriptors each packet is tried", "[trace][network]") {
  if (kAddressSanitizer) {  // which looks at memory through pipes of its own
    SUCCEED("the sanitizer needs descriptors");
    return;
  }
  const NetworkNamespace network;
  ServiceRig rig(network, module_for("connect"));
  Texts parameters = to("connect", "127.0.0.1", 3);
  parameters["trace.hops"] = "2";
  const Result result = [&] {
    const FewDescriptors few;
    return rig.result("trace-tcp-ip4", parameters);
  }();
  CHECK(end_of(result) == "unsent");
  CHECK(text_of(result, "sending.problem") == "Too many open files");
  CHECK(result.row_count() == 6);
  for (const Row row : result.rows()) CHECK(cell(row, "hop.outcome") == "unsent");
}

TEST_CASE("an interface that goes down ends the trace", "[trace][network]") {
  const TwoHosts hosts({.a_to_b = {.loss = 1}});
  const std::string method = GENERATE("udp", "icmp", "tcp", "connect");
  ServiceRig rig(hosts.a(), module_for(method));
  Texts parameters = to(method, TwoHosts::kB4, 10);
  parameters["trace.interval.us"] = "100000";
  auto outcome = rig.start(label_of(method, "ip4"), "now", parameters);
  REQUIRE(comes_true([&] { return hosts.log().size() >= 10; }));
  const std::string what = GENERATE("ip link set eth0 down", "ip address flush dev eth0");
  hosts.a().run(what);
  const auto result = std::get<Result>(outcome.get());
  CAPTURE(method, what);
  CHECK(end_of(result) == "unsent");
  CHECK(text_of(result, "sending.problem") != "-");
  CHECK(by_hop(result, "hop.outcome")["10"] == std::set<std::string>{"silent"});
}

TEST_CASE("a trace that is asked to stop says what it knows", "[trace][network]") {
  const Crossroads network(300ms);
  network.b().run("ip route add blackhole 10.1.0.0/24");  // the target can send nothing back
  const std::string method = GENERATE("udp", "icmp", "tcp", "connect");
  ServiceRig rig(network.a(), module_for(method, {{"wait", "1m"}}));
  std::stop_source stop;
  auto outcome =
      rig.start(label_of(method, "ip4"), "now", to(method, Crossroads::kB4), stop.get_token());
  // What reached the target left behind what the routers have answered, long ago.
  const auto passed = [&] {
    const auto log = network.log();
    return std::any_of(log.begin(), log.end(), [&](auto& r) {
      return r.packet.starts_with((method == "connect" ? "tcp" : method) + "4");
    });
  };
  REQUIRE(comes_true(passed));
  stop.request_stop();
  const auto result = std::get<Result>(outcome.get());
  CHECK(end_of(result) == "interrupted");
  CHECK(result.row_count() == 3);
}

TEST_CASE("a trace that was stopped before it started sends nothing", "[trace][network]") {
  const TwoHosts hosts({});
  ServiceRig rig(hosts.a(), trace_module());
  std::stop_source stop;
  stop.request_stop();
  for (const std::string method : {"udp", "paths"}) {
    const auto result = std::get<Result>(
        rig.start(label_of(method, "ip4"), "now", to(method, TwoHosts::kB4, 2), stop.get_token())
            .get());
    CHECK(end_of(result) == "interrupted");
    CHECK(cell(result.rows()[0], "hop.outcome") == "interrupted");
  }
  CHECK(hosts.log().empty());
}

TEST_CASE("a source port that is taken is refused by name", "[trace][network]") {
  const TwoHosts hosts({.a_to_b = {.loss = 1}});
  ServiceRig rig(hosts.a(), trace_module());
  Texts parameters = to("udp", TwoHosts::kB4);
  parameters["source.port"] = "40000";
  auto first = rig.start("trace-udp-ip4", "now", parameters);
  CHECK(rig.exception("trace-udp-ip4", parameters) ==
        "packets cannot be sent from port 40000: Address already in use");
  CHECK(end_of(std::get<Result>(first.get())) == "silent");
}

TEST_CASE("a hundred traces at once keep apart", "[trace][network]") {
  const Crossroads network;
  network.a().set("ipv4/ping_group_range", "0 2147483647");
  ServiceRig rig(network.a(), module_for(GENERATE("tcp", "connect"), {{"wait", "20s"}}));
  std::vector<std::future<Outcome>> outcomes;
  for (int n = 0; n < 100; ++n) {
    const std::string method = n % 3 == 0 ? "udp" : n % 3 == 1 ? "icmp" : "tcp";
    outcomes.push_back(rig.start(label_of(method, "ip4"), "now", to(method, Crossroads::kB4, 2)));
  }
  int whole = 0;
  for (auto& outcome : outcomes) {
    const auto result = std::get<Result>(outcome.get());
    const bool own = text_of(result, "packets.stray") == "-";
    whole += own && end_of(result) == "reached" && result.row_count() == 8 ? 1 : 0;
  }
  CHECK(whole == 100);
}

TEST_CASE("no two capabilities of trace have the same schema", "[trace]") {
  const ServiceRig rig(trace_module());
  std::set<std::string> tokens;
  const auto labels = rig.labels();
  for (const auto& label : labels) tokens.insert(rig.service(label).capability.token());
  CHECK(labels.size() == 12);
  CHECK(tokens.size() == labels.size());
}

TEST_CASE("the settings and the registry of trace have to be right", "[trace]") {
  Engine engine;
  const ProbeContext context{.engine = engine};
  CHECK_THROWS_WITH(make_trace(probes_elements(), {{"waitt", "1s"}}, context),
                    Catch::Contains("waitt: trace has no such setting"));
  CHECK_THROWS_WITH(make_trace(probes_elements(), {{"wait", "1ms"}}, context),
                    Catch::Contains("is not from 100ms to 1m"));
  CHECK_THROWS_WITH(make_trace(Registry::core(), {}, context),
                    Catch::Contains("trace needs the registry"));
}
