#include "mplane/probes/throughput.hpp"

#include "mplane/probe/target_policy.hpp"
#include "probes/listening.hpp"
#include "probes/service_rig.hpp"
#include "support/link/two_hosts.hpp"
#include "support/link/veth_hosts.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <optional>
#include <poll.h>
#include <sstream>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kPort = "50123";

ServiceRig::Make probe(Texts settings = {}, std::vector<Address> allow = {}) {
  return [settings = std::move(settings), allow = std::move(allow)](Engine& engine) {
    ProbeContext context{.engine = engine};
    if (!allow.empty()) {
      context.check_target = [policy = TargetPolicy({.allow = allow})](const Address& target) {
        policy.check(target);
      };
    }
    return make_throughput(probes_elements(), settings, context);
  };
}

/// A receiver in a network that listens once this is made.
class Receiver {
 public:
  explicit Receiver(const NetworkNamespace& network, const std::string& label,
                    const ServiceRig::Make& make = probe(), std::string_view when = "now + 1h / 1s")
      : rig_(network, make),
        later_(rig_.start(label, when, {{"destination.port", kPort}}, stop_.get_token())) {
    on_loop(rig_.engine(), [] { return true; });  // behind the run's begin
  }

  Engine& engine() noexcept { return rig_.engine(); }
  Result end() {
    stop_.request_stop();
    return result();
  }
  Result result() { return std::get<Result>(later_.get()); }

 private:
  std::stop_source stop_;
  ServiceRig rig_;
  std::future<Outcome> later_;
};

Texts to(const std::string& host, const std::string& rate, const std::string& port = kPort) {
  return {{host.find(':') == std::string::npos ? "destination.ip4" : "destination.ip6", host},
          {"destination.port", port},
          {"throughput.cap.bps", rate}};
}

std::string outcome(const Result& result) {
  return result.rows()[0].get<std::string>("throughput.outcome");
}

std::uint64_t number(const Row& row, std::string_view column) {
  return row.get<std::uint64_t>(column);
}

/// What a network has counted of UDP: "InDatagrams", "RcvbufErrors" (proc(5), /proc/net/snmp).
std::uint64_t udp_count(const NetworkNamespace& network, const std::string& name) {
  std::istringstream lines(network.run("cat /proc/net/snmp"));
  std::string names;
  std::string numbers;
  while (std::getline(lines, names) && !names.starts_with("Udp:")) {
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

/// Whether it becomes true in a while.
bool comes_true(const std::function<bool()>& condition) {
  const auto begin = std::chrono::steady_clock::now();
  while (!condition()) {
    if (std::chrono::steady_clock::now() - begin > 10s) return false;
  }
  return true;
}

/// A socket that speaks to the receiver's port, and blocks.
FileDescriptor connected(const NetworkNamespace& network, int type = SOCK_STREAM) {
  return std::async(std::launch::async,
                    [&] {
                      network.enter();
                      FileDescriptor socket(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
                      const auto there = SocketAddress::of(Address::parse("127.0.0.1"), 50123);
                      if (::connect(socket.number(), there.data(), there.length) != 0) {
                        throw std::runtime_error("cannot connect to the receiver");
                      }
                      return socket;
                    })
      .get();
}

void say(const FileDescriptor& socket, Bytes bytes) {
  ::send(socket.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

/// Whether there is something to be heard, or it was closed.
bool answers_within(const FileDescriptor& socket, std::chrono::milliseconds time) {
  pollfd ready{socket.number(), POLLIN, 0};
  return ::poll(&ready, 1, static_cast<int>(time.count())) > 0;
}

bool is_closed(const FileDescriptor& socket) {
  char byte = 0;
  return ::recv(socket.number(), &byte, 1, 0) <= 0;
}

/// So many bytes; nothing if it was closed before.
template <std::size_t size>
std::optional<std::array<std::uint8_t, size>> heard(const FileDescriptor& socket) {
  std::array<std::uint8_t, size> bytes{};
  const ssize_t count = ::recv(socket.number(), bytes.data(), bytes.size(), MSG_WAITALL);
  return count == static_cast<ssize_t>(size) ? std::optional(bytes) : std::nullopt;
}

/// What the receiver says to a request, if it grants it.
std::optional<LoadGrant> granted(const FileDescriptor& socket) {
  const auto bytes = heard<LoadGrant::kSize>(socket);
  const auto grant = bytes ? decode_load_grant(*bytes) : std::nullopt;
  return grant && grant->granted ? grant : std::nullopt;
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
  CHECK(sent > 1'600);
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
  REQUIRE(comes_true([&] { return udp_count(hosts.b(), "InDatagrams") > 0; }));
  std::promise<void> go_on;
  receiver.engine().post([wait = go_on.get_future().share()] { wait.wait(); });
  CHECK(comes_true([&] { return udp_count(hosts.b(), "RcvbufErrors") > 0; }));
  go_on.set_value();
  const auto result = std::get<Result>(later.get());
  REQUIRE(outcome(result) == "measured");
  const std::uint64_t dropped = udp_count(hosts.b(), "RcvbufErrors");
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
  REQUIRE(comes_true([&] { return udp_count(hosts.b(), "InDatagrams") > 0; }));
  hosts.a().run("ip rule add ipproto udp prohibit");
  const auto result = std::get<Result>(later.get());
  REQUIRE(outcome(result) == "measured");
  REQUIRE(result.find_metadata("sending.problem") != nullptr);
  CHECK(result.find_metadata("sending.problem")->get<std::string>() == "Permission denied");
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

TEST_CASE("one sender at a time is served, and another one told", "[throughput][network]") {
  const VethHosts hosts;
  Receiver receiver(hosts.b(), "throughput-receive-ip4");
  ServiceRig sender(hosts.a(), probe());
  // The first one is known to have been let in once it is the only one that may be.
  const auto run = [&](std::string_view when) {
    return sender.start("throughput-udp-ip4", when, to("10.77.0.2", "1000000"));
  };
  std::vector<std::future<Outcome>> both;
  both.push_back(run("now + 2s / 2s"));
  both.push_back(run("now + 2s / 2s"));
  std::vector<std::string> outcomes;
  for (auto& one : both) outcomes.push_back(outcome(std::get<Result>(one.get())));
  std::sort(outcomes.begin(), outcomes.end());
  CHECK(outcomes == std::vector<std::string>{"busy", "measured"});
  CHECK(outcome(std::get<Result>(run("now + 1s / 1s").get())) == "measured");
  CHECK(receiver.end().row_count() == 2);
}

TEST_CASE("nothing is sent to who does not receive", "[throughput][network]") {
  const NetworkNamespace here = NetworkNamespace::current();
  ServiceRig rig(probe({{"wait", "200ms"}}));
  const auto ask = [&](unsigned port, const std::string& label = "throughput-udp-ip4") {
    return outcome(
        rig.result(label, to("127.0.0.1", "8000", std::to_string(port)), "now + 1s / 1s"));
  };
  const Listening foreign(here, "127.0.0.1", [](int connection) {
    const std::string words = "HTTP/1.1 400 Bad Request\r\n\r\n";
    ::send(connection, words.data(), words.size(), MSG_NOSIGNAL);
    char byte = 0;
    while (::recv(connection, &byte, 1, 0) > 0) {
    }
  });
  CHECK(ask(foreign.port()) == "foreign");
  CHECK(ask(foreign.port(), "throughput-tcp-ip4") == "foreign");
  const Listening rude(here, "127.0.0.1", [](int) {});
  CHECK(ask(rude.port()) == "broken");
  const Listening silent(here, "127.0.0.1", [](int connection) {
    char byte = 0;
    while (::recv(connection, &byte, 1, 0) > 0) {
    }
  });
  CHECK(ask(silent.port()) == "timed-out");
  CHECK(ask(1) == "refused");
}

TEST_CASE("a receiver that goes away ends the load", "[throughput][network]") {
  const VethHosts hosts;
  ServiceRig sender(hosts.a(), probe());
  for (const std::string label : {"throughput-udp-ip4", "throughput-tcp-ip4"}) {
    CAPTURE(label);
    Receiver receiver(hosts.b(), "throughput-receive-ip4", probe(), "now + 1s / 1s");
    const auto begin = std::chrono::steady_clock::now();
    const Result result = sender.result(label, to("10.77.0.2", "1000000"), "now + 20s / 20s");
    CHECK(std::chrono::steady_clock::now() - begin < 10s);
    CHECK(outcome(result) == "broken");
    CHECK_FALSE(result.rows()[0].has_value("throughput.bps"));
    const Result received = receiver.result();
    REQUIRE(received.row_count() == 1);
    CHECK(outcome(received) == "interrupted");
    CHECK(number(received.rows()[0], "octets.layer7") > 0);
  }
}

TEST_CASE("a receiver is not troubled by nonsense, silence or strangers", "[throughput][network]") {
  const NetworkNamespace network;
  Receiver receiver(network, "throughput-receive-ip4", probe({{"wait", "300ms"}}));
  const FileDescriptor nonsense = connected(network);
  REQUIRE(::send(nonsense.number(), "GET / HTTP/1.1", 14, MSG_NOSIGNAL) == 14);
  CHECK(is_closed(nonsense));
  const FileDescriptor silent = connected(network);
  CHECK(is_closed(silent));
  // A stranger's datagrams bear no mark that anybody has granted.
  const FileDescriptor stranger = connected(network, SOCK_DGRAM);
  ServiceRig sender(network, probe());
  auto later = sender.start("throughput-udp-ip4", "now + 1s / 1s", to("127.0.0.1", "1000000"));
  const auto forged = encode(LoadTag{.cookie = 0, .number = 0});
  while (later.wait_for(1ms) != std::future_status::ready) {
    ::send(stranger.number(), forged.data(), forged.size(), 0);
    ::send(stranger.number(), "", 1, 0);
  }
  const auto result = std::get<Result>(later.get());
  REQUIRE(outcome(result) == "measured");
  CHECK(number(result.rows()[0], "octets.layer7") ==
        1'200 * number(result.rows()[0], "packets.sent"));
  CHECK(number(result.rows()[0], "packets.duplicate") == 0);
  CHECK(receiver.end().row_count() == 1);
}

TEST_CASE("a request takes as many pieces as it likes, but not its time", "[throughput][network]") {
  const NetworkNamespace network;
  Receiver receiver(network, "throughput-receive-ip4", probe({{"wait", "300ms"}}));
  const auto request = encode(LoadRequest{LoadKind::Tcp});
  const FileDescriptor quick = connected(network);
  for (const std::uint8_t byte : request) say(quick, Bytes(&byte, 1));
  CHECK(granted(quick).has_value());
  const FileDescriptor slow = connected(network);
  std::size_t said = 0;
  for (; said < request.size() && !answers_within(slow, 100ms); ++said) {
    say(slow, Bytes(request).subspan(said, 1));
  }
  CHECK(said < request.size());
  CHECK(is_closed(slow));
}

TEST_CASE("nobody holds a receiver longer than a load may take", "[throughput][network]") {
  const NetworkNamespace network;
  const Texts hasty{{"wait", "100ms"}, {"max-time", "1s"}};
  Receiver receiver(network, "throughput-receive-ip4", probe(hasty));
  const auto begin = std::chrono::steady_clock::now();
  const auto in_time = [&] { return std::chrono::steady_clock::now() - begin < 10s; };
  const std::uint8_t byte = 0;
  const FileDescriptor drop_by_drop = connected(network);
  say(drop_by_drop, encode(LoadRequest{LoadKind::Tcp}));
  REQUIRE(granted(drop_by_drop));
  while (in_time() && !answers_within(drop_by_drop, 20ms)) say(drop_by_drop, Bytes(&byte, 1));
  CHECK(is_closed(drop_by_drop));
  // After the end of a load its datagrams are waited for, but not for ever.
  const FileDescriptor endless = connected(network);
  say(endless, encode(LoadRequest{LoadKind::Udp}));
  const auto grant = granted(endless);
  REQUIRE(grant);
  ::shutdown(endless.number(), SHUT_WR);
  const FileDescriptor datagrams = connected(network, SOCK_DGRAM);
  LoadTag tag{.cookie = grant->cookie};
  for (; in_time() && !answers_within(endless, 20ms); ++tag.number) say(datagrams, encode(tag));
  CHECK(in_time());
  const auto report = heard<LoadReport::kSize>(endless);
  REQUIRE(report);
  CHECK(decode_load_report(*report).value().datagrams > 2);
}

TEST_CASE("of more than sixteen senders the others are not heard", "[throughput][network]") {
  const NetworkNamespace network;
  Receiver receiver(network, "throughput-receive-ip4", probe({{"wait", "30s"}}));
  std::vector<FileDescriptor> waiting;
  for (int n = 0; n < 16; ++n) waiting.push_back(connected(network));
  CHECK(is_closed(connected(network)));
  say(waiting.back(), encode(LoadRequest{LoadKind::Tcp}));
  CHECK(granted(waiting.back()).has_value());
  waiting.pop_back();
  // Once the receiver knows of it, there is room for another one.
  const auto request = encode(LoadRequest{LoadKind::Tcp});
  std::optional<LoadGrant> grant;
  for (const auto begin = std::chrono::steady_clock::now();
       !grant && std::chrono::steady_clock::now() - begin < 10s;) {
    const FileDescriptor another = connected(network);
    say(another, request);
    grant = granted(another);
  }
  CHECK(grant.has_value());
}

TEST_CASE("where one must not measure, no load comes from or goes to", "[throughput][network]") {
  const std::vector<Address> elsewhere{Address::parse("192.0.2.0/24")};
  ServiceRig wary(probe({}, elsewhere));
  CHECK_THAT(wary.exception("throughput-tcp-ip4", to("127.0.0.1", "8000"), "now + 1s / 1s"),
             Catch::Contains("127.0.0.1"));
  const NetworkNamespace network;
  const Receiver receiver(network, "throughput-receive-ip4", probe({}, elsewhere));
  ServiceRig sender(network, probe());
  CHECK(outcome(sender.result("throughput-tcp-ip4", to("127.0.0.1", "8000"), "now + 1s / 1s")) ==
        "broken");
}

TEST_CASE("a port that is taken cannot be received at", "[throughput][network]") {
  const NetworkNamespace network;
  const Receiver first(network, "throughput-receive-ip4");
  ServiceRig second(network, probe());
  CHECK_THAT(
      second.exception("throughput-receive-ip4", {{"destination.port", kPort}}, "now + 1s / 1s"),
      Catch::Contains("port 50123"));
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

TEST_CASE("what sender and receiver say reads as it was said", "[throughput]") {
  const LoadRequest request{LoadKind::Udp};
  CHECK(decode_load_request(encode(request)) == request);
  const LoadGrant grant{true, 0x0123456789abcdef};
  CHECK(decode_load_grant(encode(grant)) == grant);
  CHECK(encode(grant)[8] == 0x01);  // big-endian
  const LoadReport report{.octets = 5,
                          .first_octets = 1,
                          .time = 2s,
                          .datagrams = 4,
                          .out_of_order = 3,
                          .duplicates = 9,
                          .dropped = 1};
  CHECK(decode_load_report(encode(report)) == report);
  CHECK(goodput(report) == 16);
  CHECK_FALSE(goodput({.octets = 5, .first_octets = 5, .time = 1s}));
  CHECK_FALSE(goodput({.octets = 5, .first_octets = 1}));
  const LoadTag tag{7, 8};
  CHECK(decode_load_tag(encode(tag)) == tag);
  auto bad = encode(request);
  bad[4] = 3;
  CHECK_FALSE(decode_load_request(bad));
  CHECK_FALSE(decode_load_request(Bytes(bad.data(), 7)));
  CHECK_FALSE(decode_load_grant(encode(LoadTag{})));
  CHECK_FALSE(decode_load_report(encode(LoadReport{.octets = 1, .first_octets = 2})));
  CHECK_FALSE(decode_load_report(encode(LoadReport{.time = -1ns})));
  CHECK_FALSE(decode_load_report(encode(LoadReport{.out_of_order = 1})));
  CHECK(decode_load_report(encode(LoadReport{.time = 48h})));
  CHECK_FALSE(decode_load_report(encode(LoadReport{.time = 48h + 1ns})));
  CHECK_FALSE(decode_load_report(encode(LoadReport{.time = std::chrono::nanoseconds::max()})));
}

TEST_CASE("datagrams are counted once, whatever order they come in", "[throughput]") {
  using Kind = DatagramCount::Kind;
  DatagramCount count;
  CHECK(count.take(0) == Kind::Next);
  CHECK(count.take(2) == Kind::Next);
  CHECK(count.take(1) == Kind::Overtaken);
  CHECK(count.take(1) == Kind::Again);
  CHECK(count.take(2) == Kind::Again);
  CHECK(count.take(70'000) == Kind::Next);
  CHECK(count.take(69'999) == Kind::Overtaken);  // what it forgot is not taken for what it saw
  CHECK(count.take(3) == Kind::Overtaken);       // too old to know
  CHECK(count.take(~std::uint64_t{0} - 1) == Kind::Next);
  CHECK(count.received() == 7);
  CHECK(count.overtaken() == 3);
  CHECK(count.again() == 2);
}
