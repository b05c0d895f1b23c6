#include "mplane/model/error.hpp"
#include "mplane/probes/ping.hpp"
#include "probe/on_loop.hpp"
#include "support/link/rights.hpp"
#include "support/link/two_hosts.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <map>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

using Texts = std::map<std::string, std::string, std::less<>>;

/// The services of the module on an engine in some network, run as a scheduler would.
class ServiceRig {
 public:
  ServiceRig(const NetworkNamespace& network, const Texts& settings, TargetCheck check = {}) {
    engine_.start();
    services_ = on_loop(engine_, [&] {
      network.enter();
      return make_ping(Registry::core(), settings,
                       {.engine = engine_, .check_target = std::move(check)});
    });
  }

  std::vector<std::string> labels() const {
    std::vector<std::string> labels;
    for (const Service& service : services_) labels.push_back(service.capability.label());
    return labels;
  }

  const Service& service(const std::string& label) const {
    return *std::find_if(services_.begin(), services_.end(), [&](const Service& service) {
      return service.capability.label() == label;
    });
  }

  Outcome run(const std::string& label, const std::string& when, const std::string& target) {
    const std::string name = label.ends_with("4") ? "destination.ip4" : "destination.ip6";
    const Specification specification =
        service(label).capability.specify(when).set(name, Value(target)).build();
    auto promise = std::make_shared<std::promise<Outcome>>();
    Completion completion([promise](Outcome outcome) { promise->set_value(std::move(outcome)); });
    std::get<AsyncRun>(service(label).run)(specification, {}, std::move(completion));
    return promise->get_future().get();
  }

 private:
  Engine engine_;
  std::vector<Service> services_;
};

/// Why the module could not be made.
std::string refusal(const NetworkNamespace& network, const Texts& settings, bool as_nobody) {
  return std::async(std::launch::async,
                    [&] {
                      network.enter();
                      if (as_nobody) become_nobody();
                      Engine engine;
                      try {
                        make_ping(Registry::core(), settings, {.engine = engine});
                      } catch (const Error& error) {
                        return std::string(error.what());
                      }
                      return std::string("made");
                    })
      .get();
}

}  // namespace

TEST_CASE("averages have the columns that every mPlane ping has had", "[ping][network]") {
  const NetworkNamespace network;
  ServiceRig rig(network, {});
  const std::string family = GENERATE("ip4", "ip6");
  const std::string target = family == "ip4" ? "127.0.0.1" : "::1";
  const Outcome outcome = rig.run("ping-average-" + family, "now + 3s / 1s", target);
  REQUIRE(std::holds_alternative<Result>(outcome));
  const auto& result = std::get<Result>(outcome);
  REQUIRE(result.row_count() == 1);
  const Row row = result.rows()[0];
  CHECK(row.get<std::uint64_t>("delay.twoway.icmp.count") == 3);
  const auto min = row.get<std::uint64_t>("delay.twoway.icmp.us.min");
  const auto mean = row.get<std::uint64_t>("delay.twoway.icmp.us.mean");
  const auto max = row.get<std::uint64_t>("delay.twoway.icmp.us.max");
  CHECK(min <= mean);
  CHECK(mean <= max);
  CHECK(max < 500'000);
  CHECK(to_string(result.value("source." + family)) == target);  // filled in: there is but one
  CHECK(result.when().is_definite());
  const auto length = result.when().length(Instant());
  CHECK(length >= 2s - 10ms);
  CHECK(length < 3s);
}

TEST_CASE("details have a row for each packet", "[ping][network]") {
  const NetworkNamespace network;
  ServiceRig rig(network, {});
  const Outcome outcome = rig.run("ping-detail-ip4", "now + 2s / 1s", "127.0.0.1");
  const auto& result = std::get<Result>(outcome);
  REQUIRE(result.row_count() == 2);
  CHECK(result.rows()[0].get<std::uint64_t>("delay.twoway.icmp.us") < 500'000);
  CHECK(result.rows()[0].get<Time>("time") == result.when().start());
  const auto apart = result.rows()[1].get<Instant>("time") - result.rows()[0].get<Instant>("time");
  CHECK(apart >= 1s - 1ms);
  CHECK(apart < 2s);
}

TEST_CASE("a silent target has losses and no delays", "[ping][network]") {
  const TwoHosts hosts({.a_to_b = {.loss = 1}});
  ServiceRig rig(hosts.a(), {{"source-ip4", "10.77.0.1"}});
  const Outcome statistics = rig.run("ping-statistics-ip4", "now + 2s / 1s", "10.77.0.2");
  const auto& result = std::get<Result>(statistics);
  REQUIRE(result.row_count() == 1);
  const Row row = result.rows()[0];
  CHECK(row.get<std::uint64_t>("packets.lost") == 2);
  CHECK(row.get<std::uint64_t>("delay.twoway.icmp.count") == 0);
  for (const char* const name : {"min", "mean", "50pct", "max"}) {
    CHECK_FALSE(row.has_value(std::string("delay.twoway.icmp.us.") + name));
  }
  const Outcome detail = rig.run("ping-detail-ip4", "now + 1s / 1s", "10.77.0.2");
  const auto& packets = std::get<Result>(detail);
  REQUIRE(packets.row_count() == 1);
  CHECK(packets.rows()[0].has_value("time"));
  CHECK_FALSE(packets.rows()[0].has_value("delay.twoway.icmp.us"));
}

TEST_CASE("a single time is one packet", "[ping][network]") {
  const NetworkNamespace network;
  ServiceRig rig(network, {});
  const Outcome outcome = rig.run("ping-statistics-ip6", "now + 1s / 1s", "::1");
  const Row row = std::get<Result>(outcome).rows()[0];
  CHECK(row.get<std::uint64_t>("delay.twoway.icmp.count") == 1);
  CHECK(row.get<std::uint64_t>("delay.twoway.icmp.us.50pct") ==
        row.get<std::uint64_t>("delay.twoway.icmp.us.mean"));
}

TEST_CASE("a target that must not be measured is refused before anything is sent",
          "[ping][network]") {
  const TwoHosts hosts({});
  ServiceRig rig(hosts.a(), {}, [](const Address& target) {
    throw Error(ErrorKind::Refused, "", to_string(target) + " must not be measured");
  });
  CHECK_THROWS_WITH(rig.run("ping-average-ip4", "now + 1s / 1s", "10.77.0.2"),
                    "10.77.0.2 must not be measured");
  CHECK(hosts.log().empty());
}

TEST_CASE("what goes wrong in a run becomes an exception with a sentence", "[ping][network]") {
  const TwoHosts hosts({});  // without a default route, the loopback is the usual source
  ServiceRig rig(hosts.a(), {});
  const Outcome outcome = rig.run("ping-average-ip4", "now + 1s / 1s", "10.77.0.2");
  REQUIRE(std::holds_alternative<Exception>(outcome));
  CHECK_THAT(std::get<Exception>(outcome).message(),
             Catch::Contains("nothing can be sent from 127.0.0.1 to 10.77.0.2"));
}

TEST_CASE("both families are offered where the host has both", "[ping][network]") {
  const NetworkNamespace both;
  CHECK(ServiceRig(both, {}).labels() ==
        std::vector<std::string>{"ping-average-ip4", "ping-detail-ip4", "ping-statistics-ip4",
                                 "ping-average-ip6", "ping-detail-ip6", "ping-statistics-ip6"});
  const NetworkNamespace only_ip4;
  only_ip4.set("ipv6/conf/all/disable_ipv6", "1");
  CHECK(ServiceRig(only_ip4, {}).labels() ==
        std::vector<std::string>{"ping-average-ip4", "ping-detail-ip4", "ping-statistics-ip4"});
}

TEST_CASE("the last packet of a scope is waited for", "[ping][network]") {
  const NetworkNamespace network;
  const ServiceRig rig(network, {{"wait", "7s"}});
  CHECK(rig.service("ping-average-ip4").policy.grace == 8s);
}

TEST_CASE("settings that cannot be met are refused when the module is made", "[ping][network]") {
  const NetworkNamespace network;
  CHECK(refusal(network, {{"source-ip4", "192.0.2.1"}}, false) ==
        "source-ip4: packets cannot be sent from 192.0.2.1: this host does not have it");
  CHECK(refusal(network, {{"speed", "9"}}, false) == "speed: ping has no such setting");
  CHECK_THAT(refusal(network, {}, true),
             Catch::Contains("CAP_NET_RAW") && Catch::Contains("net.ipv4.ping_group_range"));
}
