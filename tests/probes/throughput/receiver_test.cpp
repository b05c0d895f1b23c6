#include "support/link/apart.hpp"
#include "support/link/veth_hosts.hpp"
#include "throughput_rig.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <future>
#include <limits>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using namespace mplane::test;
using namespace std::chrono_literals;

namespace {

/// A socket that speaks to the receiver's port, and blocks.
FileDescriptor connected(const NetworkNamespace& network, int type = SOCK_STREAM) {
  return apart([&] {
    network.enter();
    FileDescriptor socket(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
    const auto there = SocketAddress::of(Address::parse("127.0.0.1"), 50123);
    if (::connect(socket.number(), there.data(), there.length) != 0) {
      throw std::runtime_error("cannot connect to the receiver");
    }
    return socket;
  });
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

/// A load by UDP that the receiver lets in, as its sender sees it.
struct Load {
  explicit Load(const NetworkNamespace& network) : sender(connected(network)) {
    say(sender, encode(LoadRequest{LoadKind::Udp}));
    const auto grant = granted(sender);
    REQUIRE(grant);
    cookie = grant->cookie;
  }
  /// Ends it; what it counted comes then.
  void end() const { ::shutdown(sender.number(), SHUT_WR); }
  LoadReport report() const {
    const auto bytes = heard<LoadReport::kSize>(sender);
    REQUIRE(bytes);
    return decode_load_report(*bytes).value();
  }

  FileDescriptor sender;
  std::uint64_t cookie = 0;
};

/// Until a receiver's loop has read what it was told before.
void await_reading(Receiver& receiver) {
  for (int turn = 0; turn < 2; ++turn) on_loop(receiver.engine(), [] { return true; });
}

}  // namespace

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
  const Load endless(network);
  endless.end();
  const FileDescriptor datagrams = connected(network, SOCK_DGRAM);
  LoadTag tag{.cookie = endless.cookie};
  for (; in_time() && !answers_within(endless.sender, 0ms); ++tag.number) {
    say(datagrams, encode(tag));
  }
  CHECK(in_time());
  for (int more = 0; more < 1'000; ++more, ++tag.number) say(datagrams, encode(tag));
  const LoadReport told = endless.report();
  CHECK(told.datagrams > 2);
  const Result received = receiver.end();
  REQUIRE(received.row_count() == 2);
  CHECK(number(received.rows()[1], "octets.layer7") == told.octets);  // and nothing after it
}

TEST_CASE("a receiver that was held up counts what arrived meanwhile", "[throughput][network]") {
  const NetworkNamespace network;
  Receiver receiver(network, "throughput-receive-ip4");
  const Load load(network);
  load.end();
  await_reading(receiver);
  std::promise<void> go_on;
  receiver.engine().post([wait = go_on.get_future().share()] { wait.wait(); });
  const FileDescriptor datagrams = connected(network, SOCK_DGRAM);
  constexpr std::uint64_t kSent = 1'000;  // more than are read in one turn
  LoadTag tag{.cookie = load.cookie};
  for (; tag.number < kSent; ++tag.number) say(datagrams, encode(tag));
  std::this_thread::sleep_for(400ms);  // longer than the quiet after which a load is over
  go_on.set_value();
  CHECK(load.report().datagrams == kSent);
}

TEST_CASE("a datagram that the end of its load has overtaken counts", "[throughput][network]") {
  const NetworkNamespace network;
  Receiver receiver(network, "throughput-receive-ip4");
  const Load load(network);
  std::this_thread::sleep_for(400ms);  // a low rate is quiet for longer than that
  load.end();
  await_reading(receiver);
  say(connected(network, SOCK_DGRAM), encode(LoadTag{.cookie = load.cookie}));
  CHECK(load.report().datagrams == 1);
}

TEST_CASE("no report makes more unobserved than was lost", "[throughput][network]") {
  static constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t arrived = GENERATE(std::uint64_t{0}, 10, kMost);
  const Listening liar(NetworkNamespace::current(), "127.0.0.1", [&](int connection) {
    std::array<std::uint8_t, LoadRequest::kSize> request{};
    ::recv(connection, request.data(), request.size(), MSG_WAITALL);
    const auto grant = encode(LoadGrant{.granted = true, .cookie = 1});
    ::send(connection, grant.data(), grant.size(), MSG_NOSIGNAL);
    ::recv(connection, request.data(), 1, 0);  // its end
    const auto report = encode(LoadReport{.datagrams = arrived, .dropped = kMost});
    ::send(connection, report.data(), report.size(), MSG_NOSIGNAL);
  });
  ServiceRig rig(probe());
  const Result result =
      rig.result("throughput-udp-ip4", to("127.0.0.1", "1000000", std::to_string(liar.port())),
                 "now + 1s / 1s");
  REQUIRE(outcome(result) == "measured");
  const Row row = result.rows()[0];
  const std::uint64_t sent = number(row, "packets.sent");
  CHECK(number(row, "packets.lost") == sent - std::min(sent, arrived));
  CHECK(number(row, "packets.unobserved") == number(row, "packets.lost"));
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
