#include "mplane/probe/icmp_socket.hpp"

#include "mplane/model/error.hpp"
#include "support/link/apart.hpp"
#include "support/link/network_namespace.hpp"
#include "support/link/rights.hpp"

#include <chrono>
#include <future>
#include <map>
#include <optional>
#include <poll.h>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using mplane::test::apart;
using mplane::test::become_nobody;
using mplane::test::NetworkNamespace;
using namespace std::chrono_literals;

namespace {

struct Reply {
  Address from;
  std::uint16_t sequence;
  std::vector<std::uint8_t> payload;
  std::optional<std::uint8_t> hop_limit;
  WallTime received;
  bool kernel_stamp;
};

struct Failure {
  Address reporter;
  Address destination;
  IcmpTrouble trouble;
  std::uint8_t code;
  std::uint16_t sequence;
  std::size_t quoted;
};

/// What a socket told.
struct Told {
  std::vector<Reply> replies;
  std::vector<Failure> failures;
  std::map<std::uint64_t, WallTime> stamps;

  IcmpEvents events() {
    return {.reply =
                [this](const EchoArrival& a) {
                  replies.push_back({a.from,
                                     a.echo.sequence,
                                     {a.echo.payload.begin(), a.echo.payload.end()},
                                     a.hop_limit,
                                     a.received,
                                     a.kernel_stamp});
                },
            .failure =
                [this](const FailureArrival& a) {
                  failures.push_back({a.reporter, a.failure.destination, a.failure.trouble,
                                      a.failure.code, a.failure.request.sequence,
                                      a.failure.request.payload.size()});
                },
            .transmitted = [this](std::uint64_t packet, WallTime sent) { stamps[packet] = sent; }};
  }

  /// Receives until there are so many replies and failures, or a while has passed.
  void until(IcmpSocket& socket, std::size_t count, std::chrono::milliseconds at_most = 10s) {
    const auto end = std::chrono::steady_clock::now() + at_most;
    const IcmpEvents to = events();
    while (replies.size() + failures.size() < count && std::chrono::steady_clock::now() < end) {
      pollfd wait{.fd = socket.descriptor(), .events = POLLIN, .revents = 0};
      ::poll(&wait, 1, 100);
      socket.receive(to);
    }
  }
};

const std::vector<std::uint8_t> kPayload{1, 2, 3, 4, 5, 6, 7, 8, 9};

const Address kLoopback4 = Ip4::parse("127.0.0.1");
const Address kLoopback6 = Ip6::parse("::1");

/// Waits until the kernel stamps what arrives: it begins to a moment after the first socket of the
/// host asks for it.
void await_stamping(IcmpSocket& socket, const Address& target) {
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (std::chrono::steady_clock::now() < end) {
    Told told;
    socket.send(target, 0, kPayload, 0);
    told.until(socket, 1);
    if (!told.replies.empty() && told.replies[0].kernel_stamp) return;
  }
}

/// A namespace in which datagram sockets are open to everybody.
NetworkNamespace open_network() {
  NetworkNamespace network;
  network.set("ipv4/ping_group_range", "0 2147483647");
  return network;
}

struct Way {
  IpFamily family;
  IcmpMode mode;
};

Way any_way() {
  return GENERATE(values<Way>({{IpFamily::Ip4, IcmpMode::Raw},
                               {IpFamily::Ip4, IcmpMode::Datagram},
                               {IpFamily::Ip6, IcmpMode::Raw},
                               {IpFamily::Ip6, IcmpMode::Datagram}}));
}

Address loopback(IpFamily family) { return family == IpFamily::Ip4 ? kLoopback4 : kLoopback6; }

std::string refusal(IpFamily family, IcmpSocketOptions options) {
  try {
    const IcmpSocket socket(family, std::move(options));
  } catch (const Error& error) {
    return std::string(traits(error.kind()).name) + ": " + error.what();
  }
  return "opened";
}

}  // namespace

TEST_CASE("an echo comes back with kernel stamps of both ways", "[icmp][socket]") {
  const Way way = any_way();
  CAPTURE(way.family, way.mode);
  const NetworkNamespace network = open_network();
  const Told told = apart([&] {
    network.enter();
    IcmpSocket socket(way.family, {.mode = way.mode});
    await_stamping(socket, loopback(way.family));
    Told t;
    for (std::uint16_t n = 0; n < 3; ++n) {
      socket.send(loopback(way.family), n, kPayload, 100U + n);
    }
    t.until(socket, 3);
    return t;
  });
  REQUIRE(told.replies.size() == 3);
  REQUIRE(told.stamps.size() == 3);
  for (std::uint16_t n = 0; n < 3; ++n) {
    const Reply& reply = told.replies[n];
    CHECK(reply.from == loopback(way.family));
    CHECK(reply.sequence == n);
    CHECK(reply.payload == kPayload);
    CHECK(reply.hop_limit == 64);
    CHECK(reply.kernel_stamp);
    const auto delay = reply.received - told.stamps.at(100U + n);
    CHECK(delay > 0ns);
    CHECK(delay < 10ms);
  }
}

TEST_CASE("a socket gets the replies to its own requests only", "[icmp][socket]") {
  const Way way = any_way();
  CAPTURE(way.family, way.mode);
  const NetworkNamespace network = open_network();
  const auto [mine, others] = apart([&] {
    network.enter();
    IcmpSocket socket(way.family, {.mode = way.mode});
    IcmpSocket other(way.family, {.mode = way.mode});
    IcmpSocket other_raw(way.family, {.mode = IcmpMode::Raw});
    Told m;
    Told o;
    socket.send(loopback(way.family), 1, kPayload, 0);
    m.until(socket, 1);
    o.until(other, 1, 1ms);
    o.until(other_raw, 1, 1ms);
    return std::pair(m, o);
  });
  CHECK(mine.replies.size() == 1);
  CHECK(others.replies.empty());
}

TEST_CASE("without transmit stamps there are none, and replies are stamped all the same",
          "[icmp][socket]") {
  Told told;
  IcmpSocket socket(IpFamily::Ip4, {.mode = IcmpMode::Raw, .transmit_stamps = false});
  await_stamping(socket, kLoopback4);
  socket.send(kLoopback4, 1, kPayload, 7);
  told.until(socket, 1);
  CHECK_FALSE(socket.stamps_sent());
  CHECK(told.stamps.empty());
  REQUIRE(told.replies.size() == 1);
  CHECK(told.replies[0].kernel_stamp);
}

TEST_CASE("1,000 echoes at once all come back", "[icmp][socket]") {
  const Way way = any_way();
  CAPTURE(way.family, way.mode);
  const NetworkNamespace network = open_network();
  const Told told = apart([&] {
    network.enter();
    IcmpSocket socket(way.family, {.mode = way.mode});
    Told t;
    for (std::uint16_t n = 0; n < 1'000; ++n) {
      socket.send(loopback(way.family), n, kPayload, n);
    }
    t.until(socket, 1'000);
    return t;
  });
  CHECK(told.replies.size() == 1'000);
  CHECK(told.stamps.size() == 1'000);
}

TEST_CASE("datagram sockets are preferred where the system opens them, raw ones else",
          "[icmp][socket]") {
  const NetworkNamespace open = open_network();
  const NetworkNamespace closed;
  const auto mode_in = [](const NetworkNamespace& network) {
    return apart([&] {
      network.enter();
      return IcmpSocket(IpFamily::Ip4, {}).mode();
    });
  };
  CHECK(mode_in(open) == IcmpMode::Datagram);
  CHECK(mode_in(closed) == IcmpMode::Raw);
}

TEST_CASE("nobody can ping where the system opens datagram sockets", "[icmp][socket]") {
  const IpFamily family = GENERATE(IpFamily::Ip4, IpFamily::Ip6);
  const NetworkNamespace network = open_network();
  const Told told = apart([&] {
    network.enter();
    become_nobody();
    IcmpSocket socket(family, {});
    await_stamping(socket, loopback(family));
    Told t;
    socket.send(loopback(family), 1, kPayload, 5);
    t.until(socket, 1);
    return t;
  });
  REQUIRE(told.replies.size() == 1);
  CHECK(told.replies[0].kernel_stamp);
  CHECK(told.stamps.count(5) == 1);
}

TEST_CASE("without a right to ICMP the error names those that would do", "[icmp][socket]") {
  const NetworkNamespace network;  // datagram sockets are closed by default
  const auto refused = [&](IpFamily family, std::optional<IcmpMode> mode) {
    return apart([&] {
      network.enter();
      become_nobody();
      return refusal(family, {.mode = mode});
    });
  };
  CHECK(refused(IpFamily::Ip4, std::nullopt) ==
        "configuration: ICMP over IPv4 needs a right that is missing: CAP_NET_RAW or the process's "
        "group within net.ipv4.ping_group_range");
  CHECK(refused(IpFamily::Ip6, std::nullopt) ==
        "configuration: ICMP over IPv6 needs a right that is missing: CAP_NET_RAW or the process's "
        "group within net.ipv4.ping_group_range");
  CHECK_THAT(refused(IpFamily::Ip4, IcmpMode::Raw), Catch::EndsWith("missing: CAP_NET_RAW"));
  CHECK_THAT(refused(IpFamily::Ip4, IcmpMode::Datagram), Catch::EndsWith("ping_group_range"));
}

TEST_CASE("a source that is no address of this host is refused by name", "[icmp][socket]") {
  CHECK(refusal(IpFamily::Ip4, {.source = Ip4::parse("192.0.2.1")}) ==
        "configuration: packets cannot be sent from 192.0.2.1: this host does not have it");
  CHECK(refusal(IpFamily::Ip6, {.source = Ip6::parse("2001:db8::1")}) ==
        "configuration: packets cannot be sent from 2001:db8::1: this host does not have it");
}

TEST_CASE("sending says what kind of failure it was", "[icmp][socket]") {
  const Way way = any_way();
  CAPTURE(way.family, way.mode);
  const NetworkNamespace network = open_network();  // with no route but to itself
  const Address away = way.family == IpFamily::Ip4 ? Address(Ip4::parse("192.0.2.1"))
                                                   : Address(Ip6::parse("2001:db8::1"));
  const Address other_family =
      loopback(way.family == IpFamily::Ip4 ? IpFamily::Ip6 : IpFamily::Ip4);
  const auto [no_route, wrong_family, too_long, then] = apart([&] {
    network.enter();
    IcmpSocket socket(way.family, {.mode = way.mode, .max_payload = 100});
    const std::vector<std::uint8_t> long_payload(101);
    const auto first = socket.send(away, 1, kPayload, 1).status;
    const auto second = socket.send(other_family, 1, kPayload, 2).status;
    const auto third = socket.send(loopback(way.family), 1, long_payload, 3).status;
    Told t;
    socket.send(loopback(way.family), 4, kPayload, 4);  // none of it does lasting harm
    t.until(socket, 1);
    return std::tuple(first, second, third, t);
  });
  CHECK(no_route == SendStatus::Unreachable);
  CHECK(wrong_family == SendStatus::Refused);
  CHECK(too_long == SendStatus::Refused);
  REQUIRE(then.replies.size() == 1);
  CHECK(then.stamps.count(4) == 1);
}

TEST_CASE("ICMP errors come with the request that they are about", "[icmp][socket]") {
  const Way way = any_way();
  CAPTURE(way.family, way.mode);
  const NetworkNamespace host = open_network();
  const NetworkNamespace router;
  host.run("ip link add left type veth peer name right netns " + router.path());
  router.set("ipv4/ip_forward", "1");
  router.set("ipv6/conf/all/forwarding", "1");
  for (const auto& [network, device, tail] :
       {std::tuple(&host, "left", "1"), std::tuple(&router, "right", "2")}) {
    network->run(std::string("ip address add 10.77.0.") + tail + "/24 dev " + device);
    network->run(std::string("ip address add fd77::") + tail + "/64 nodad dev " + device);
    network->run(std::string("ip link set ") + device + " up");
  }
  host.run("ip route add default via 10.77.0.2");
  host.run("ip route add default via fd77::2");
  router.run("ip route add prohibit 198.51.100.0/24");
  router.run("ip -6 route add prohibit 2001:db8::/32");

  const bool ip4 = way.family == IpFamily::Ip4;
  const Address away = ip4 ? Address(Ip4::parse("198.51.100.7")) : Ip6::parse("2001:db8::7");
  const Address near = ip4 ? Address(Ip4::parse("10.77.0.2")) : Ip6::parse("fd77::2");
  const auto [told, after] = apart([&] {
    host.enter();
    IcmpSocket socket(way.family, {.mode = way.mode});
    Told t;
    socket.send(away, 9, kPayload, 1);
    t.until(socket, 1);
    Told next;  // an error about one target must not spoil what is sent to the next one
    socket.send(away, 10, kPayload, 2);
    pollfd wait{.fd = socket.descriptor(), .events = POLLIN, .revents = 0};
    ::poll(&wait, 1, 5'000);
    socket.send(near, 11, kPayload, 3);
    next.until(socket, 2);
    return std::pair(t, next);
  });
  REQUIRE(told.failures.size() == 1);
  const Failure& failure = told.failures[0];
  CHECK(failure.trouble == IcmpTrouble::Unreachable);
  CHECK(failure.code == (ip4 ? 13 : 1));  // administratively prohibited
  CHECK(failure.reporter == near);
  CHECK(failure.destination == away);
  CHECK(failure.sequence == 9);
  CHECK(failure.quoted == kPayload.size());
  CHECK(after.failures.size() == 1);
  CHECK(after.replies.size() == 1);
}
