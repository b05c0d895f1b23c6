#include "support/comes_true.hpp"
#include "support/link/two_hosts.hpp"
#include "support/link/veth_hosts.hpp"
#include "throughput_rig.hpp"

#include <chrono>
#include <cstdint>
#include <future>
#include <sstream>
#include <stdexcept>
#include <stop_token>
#include <string>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

/// What a network has counted of "Udp": "InDatagrams", "RcvbufErrors" (proc(5), /proc/net/snmp).
std::uint64_t count_of(const NetworkNamespace& network, const std::string& name,
                       const std::string& protocol = "Udp") {
  std::istringstream lines(network.run("cat /proc/net/snmp"));
  std::string names;
  std::string numbers;
  while (std::getline(lines, names) && !names.starts_with(protocol + ":")) {
  }
  std::getline(lines, numbers);
  std::istringstream name_words(names);
  std::istringstream number_words(numbers);
  std::string number;
  for (std::string word; name_words >> word && number_words >> number;) {
    if (word == name) return std::stoull(number);
  }
  throw std::runtime_error("the system does not count " + name);
}

}  // namespace

TEST_CASE("a connection carries what its rate allows", "[throughput][network]") {
  const VethHosts hosts;
  Receiver receiver(hosts.b(), "throughput-receive-ip4");
  ServiceRig sender(hosts.a(), probe());
  const Result result =
      sender.result("throughput-tcp-ip4", to("10.77.0.2", "40000000"), "now + 2s / 2s");
  REQUIRE(outcome(result) == "measured");
  const Row row = result.rows()[0];
  CHECK(number(row, "throughput.bps") < 42'000'000);
  CHECK(number(row, "throughput.bps") > 36'000'000);
  CHECK(number(row, "octets.layer7") > 36'000'000 / 8 * 3 / 2);
  CHECK(number(row, "throughput.time.us") > 1'000'000);
  CHECK(number(row, "throughput.time.us") < 4'000'000);
  CHECK(number(row, "octets.segment.tcp") > 1'000);
  CHECK(row.has_value("rtt.us.mean"));
  CHECK(number(row, "rtt.us.max") >= number(row, "rtt.us.mean"));
  CHECK(row.has_value("retransmissions.tcp"));
  const Result received = receiver.end();
  REQUIRE(received.row_count() == 1);
  CHECK(outcome(received) == "measured");
  CHECK(received.rows()[0].get<std::string>("throughput.transport") == "tcp");
  CHECK(to_string(received.rows()[0].get<Address>("source.ip4")) == "10.77.0.1");
  CHECK(number(received.rows()[0], "octets.layer7") == number(row, "octets.layer7"));
  CHECK(number(received.rows()[0], "throughput.bps") == number(row, "throughput.bps"));
}

TEST_CASE("datagrams leave at their rate, and all arrive", "[throughput][network]") {
  const VethHosts hosts;
  Receiver receiver(hosts.b(), "throughput-receive-ip6");
  ServiceRig sender(hosts.a(), probe({{"datagram", "1000"}}));
  const Result result =
      sender.result("throughput-udp-ip6", to("fd77::2", "8000000"), "now + 2s / 2s");
  REQUIRE(outcome(result) == "measured");
  const Row row = result.rows()[0];
  const std::uint64_t sent = number(row, "packets.sent");
  CHECK(sent <= 2'000);  // a thousand a second
  CHECK(sent > 800);     // a SYN that was too early for the link comes again after a second
  CHECK(number(row, "packets.lost") == 0);
  CHECK(number(row, "packets.outoforder") == 0);
  CHECK(number(row, "packets.duplicate") == 0);
  CHECK(number(row, "octets.layer7") == 1'000 * sent);
  CHECK(number(row, "throughput.bps") == Approx(8'000'000).epsilon(0.1));
}

TEST_CASE("what a link loses, doubles and holds back is counted", "[throughput][network]") {
  const TwoHosts hosts({.a_to_b = {.loss = 0.1, .duplicate = 0.05, .reorder = 0.05}});
  Receiver receiver(hosts.b(), "throughput-receive-ip4");
  ServiceRig sender(hosts.a(), probe());
  const Result result =
      sender.result("throughput-udp-ip4", to(TwoHosts::kB4, "2000000"), "now + 2s / 2s");
  REQUIRE(outcome(result) == "measured");
  const Row row = result.rows()[0];
  const auto seen = [&](bool Fate::*what) {
    return hosts.count([&](const LinkRecord& record) {
      return record.direction == Direction::AToB && record.bytes > 1'200 && record.fate.*what;
    });
  };
  CHECK(number(row, "packets.lost") == seen(&Fate::dropped));
  CHECK(number(row, "packets.duplicate") == seen(&Fate::duplicated));
  CHECK(number(row, "packets.outoforder") > 0);
  CHECK(number(row, "packets.outoforder") <= seen(&Fate::held_back));
}

TEST_CASE("what the receiving host had no room for is told apart from the path's losses",
          "[throughput][network]") {
  const VethHosts hosts;
  Receiver receiver(hosts.b(), "throughput-receive-ip4");
  ServiceRig sender(hosts.a(), probe());
  auto later = sender.start("throughput-udp-ip4", "now + 2s / 2s", to("10.77.0.2", "400000000"));
  REQUIRE(comes_true([&] { return count_of(hosts.b(), "InDatagrams") > 0; }));
  std::promise<void> go_on;
  receiver.engine().post([wait = go_on.get_future().share()] { wait.wait(); });
  CHECK(comes_true([&] { return count_of(hosts.b(), "RcvbufErrors") > 0; }));
  go_on.set_value();
  const auto result = std::get<Result>(later.get());
  REQUIRE(outcome(result) == "measured");
  const std::uint64_t dropped = count_of(hosts.b(), "RcvbufErrors");
  CHECK(number(result.rows()[0], "packets.unobserved") == dropped);
  CHECK(number(result.rows()[0], "packets.lost") == dropped);
  const Result received = receiver.end();
  CHECK(number(received.rows()[0], "packets.unobserved") == dropped);
}

TEST_CASE("datagrams that cannot leave are told why", "[throughput][network]") {
  const VethHosts hosts;
  Receiver receiver(hosts.b(), "throughput-receive-ip4");
  ServiceRig sender(hosts.a(), probe());
  auto later = sender.start("throughput-udp-ip4", "now + 2s / 2s", to("10.77.0.2", "1000000"));
  REQUIRE(comes_true([&] { return count_of(hosts.b(), "InDatagrams") > 0; }));
  hosts.a().run("ip rule add ipproto udp prohibit");
  const auto result = std::get<Result>(later.get());
  REQUIRE(outcome(result) == "measured");
  REQUIRE(result.find_metadata("sending.problem") != nullptr);
  CHECK(result.find_metadata("sending.problem")->get<std::string>() == "Permission denied");
}

TEST_CASE("what a path refuses is no refusal of this host", "[throughput][network]") {
  const VethHosts hosts;
  // Host b lets in all but UDP, and says so (ICMP type 3 code 13).
  hosts.b().set("ipv4/ip_forward", "1");
  hosts.b().run("ip rule add pref 10 lookup local");
  hosts.b().run("ip rule add pref 5 ipproto udp prohibit");
  hosts.b().run("ip rule del pref 0");
  Receiver receiver(hosts.b(), "throughput-receive-ip4");
  ServiceRig sender(hosts.a(), probe());
  const Result result =
      sender.result("throughput-udp-ip4", to("10.77.0.2", "1000000"), "now + 1s / 1s");
  REQUIRE(outcome(result) == "measured");
  CHECK(number(result.rows()[0], "packets.sent") > 50);
  CHECK(number(result.rows()[0], "packets.lost") == number(result.rows()[0], "packets.sent"));
  CHECK(count_of(hosts.a(), "InDestUnreachs", "Icmp") > 0);
  CHECK(result.find_metadata("sending.problem") == nullptr);
}

TEST_CASE("a load by UDP is measured however short answers are waited for",
          "[throughput][network]") {
  const VethHosts hosts;
  const Texts hasty{{"wait", "200ms"}};
  Receiver receiver(hosts.b(), "throughput-receive-ip4", probe(hasty));
  ServiceRig sender(hosts.a(), probe(hasty));
  const Result result =
      sender.result("throughput-udp-ip4", to("10.77.0.2", "1000000"), "now + 1s / 1s");
  CHECK(outcome(result) == "measured");
  CHECK(outcome(receiver.end()) == "measured");
  CHECK(sender.service("throughput-udp-ip4").policy.grace >= 2'300ms);
}

TEST_CASE("a load by UDP leaves others on the loop their turns", "[throughput][network]") {
  const VethHosts hosts;
  Receiver receiver(hosts.b(), "throughput-receive-ip4");
  ServiceRig sender(hosts.a(), probe({{"datagram", "16"}, {"max-rate", "100000000000"}}));
  auto later = sender.start("throughput-udp-ip4", "now + 1s / 1s", to("10.77.0.2", "100000000000"));
  auto longest = 0ns;
  while (later.wait_for(0s) != std::future_status::ready) {
    const auto begin = std::chrono::steady_clock::now();
    on_loop(sender.engine(), [] { return true; });
    longest = std::max<std::chrono::nanoseconds>(longest, std::chrono::steady_clock::now() - begin);
  }
  CHECK(longest < 1s);
  CHECK(outcome(std::get<Result>(later.get())) == "measured");
}

TEST_CASE("a connection over a lossy way tells delay and retransmissions",
          "[throughput][network]") {
  const TwoHosts hosts({.a_to_b = {.delay = 10ms, .loss = 0.02}, .b_to_a = {.delay = 10ms}});
  Receiver receiver(hosts.b(), "throughput-receive-ip4");
  ServiceRig sender(hosts.a(), probe());
  const Result result =
      sender.result("throughput-tcp-ip4", to(TwoHosts::kB4, "10000000"), "now + 2s / 2s");
  REQUIRE(outcome(result) == "measured");
  const Row row = result.rows()[0];
  CHECK(number(row, "rtt.us.min") >= 20'000);
  CHECK(number(row, "rtt.us.mean") >= number(row, "rtt.us.min"));
  CHECK(number(row, "retransmissions.tcp") > 0);
  CHECK(number(row, "delay.connect.tcp.us") >= 20'000);
}

TEST_CASE("a load over a path slower than its rate ends when its time is over",
          "[throughput][network]") {
  const VethHosts hosts;
  hosts.a().run("tc qdisc add dev eth0 root tbf rate 1mbit burst 10kb limit 100kb");
  Receiver receiver(hosts.b(), "throughput-receive-ip4");
  ServiceRig sender(hosts.a(), probe({{"wait", "1s"}}));
  const Result result =
      sender.result("throughput-tcp-ip4", to("10.77.0.2", "100000000"), "now + 2s / 2s");
  REQUIRE(outcome(result) == "measured");
  const Row row = result.rows()[0];
  CHECK(number(row, "throughput.bps") < 1'000'000);
  CHECK(number(row, "throughput.bps") > 800'000);
  CHECK(number(row, "throughput.time.us") < 3'200'000);
}

TEST_CASE("a report is waited for while the load still arrives", "[throughput][network]") {
  const VethHosts hosts;
  hosts.a().run("tc qdisc add dev eth0 root tbf rate 500kbit burst 10kb limit 100kb");
  Receiver receiver(hosts.b(), "throughput-receive-ip4");
  ServiceRig sender(hosts.a(), probe({{"wait", "600ms"}}));
  const Result result =
      sender.result("throughput-tcp-ip4", to("10.77.0.2", "10000000"), "now + 1s / 1s");
  REQUIRE(outcome(result) == "measured");
  CHECK(number(result.rows()[0], "throughput.time.us") > 1'600'000);  // longer than one wait
}

TEST_CASE("a load ends with its scope, or when it is told to", "[throughput][network]") {
  const VethHosts hosts;
  Receiver receiver(hosts.b(), "throughput-receive-ip4");
  ServiceRig sender(hosts.a(), probe({{"max-time", "1s"}}));
  const auto begin = std::chrono::steady_clock::now();
  CHECK(outcome(sender.result("throughput-tcp-ip4", to("10.77.0.2", "1000000"),
                              "now ... future / 1s")) == "measured");
  CHECK(std::chrono::steady_clock::now() - begin < 10s);
  std::stop_source stop;
  auto later = sender.start("throughput-udp-ip4", "now + 1h / 1s", to("10.77.0.2", "1000000"),
                            stop.get_token());
  stop.request_stop();
  CHECK(outcome(std::get<Result>(later.get())) == "interrupted");
}

TEST_CASE("senders want the host for themselves, and receivers do not", "[throughput]") {
  ServiceRig rig(probe());
  CHECK(rig.service("throughput-tcp-ip4").policy.job_class == JobClass::Exclusive);
  CHECK(rig.service("throughput-udp-ip4").policy.job_class == JobClass::Exclusive);
  CHECK(rig.service("throughput-receive-ip4").policy.job_class == JobClass::Normal);
  CHECK(rig.service("throughput-tcp-ip4").policy.grace >= 15s);
}

TEST_CASE("what the operator does not allow is refused", "[throughput]") {
  ServiceRig rig(probe({{"max-rate", "1000000"}, {"ports", "6000"}}));
  const auto refused = [&](const std::string& label, const Texts& parameters) {
    CHECK_THROWS_AS(rig.start(label, "now + 1s / 1s", parameters), Error);
  };
  refused("throughput-tcp-ip4", to("127.0.0.1", "1000001"));
  refused("throughput-receive-ip4", {{"destination.port", "6001"}});
  refused("throughput-tcp-ip4", to("192.0.2.0/24", "8000"));
  Engine engine;
  for (const Texts& wrong : {Texts{{"max-rate", "7999"}}, Texts{{"datagram", "15"}},
                             Texts{{"ports", "x"}}, Texts{{"colour", "red"}}}) {
    CHECK_THROWS_AS(probe(wrong)(engine), Error);
  }
}
