#include "mplane/probe/syn_socket.hpp"

#include "mplane/model/error.hpp"
#include "mplane/probe/socket.hpp"
#include "support/link/apart.hpp"
#include "support/link/network_namespace.hpp"
#include "support/link/rights.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <future>
#include <map>
#include <poll.h>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;
using mplane::test::apart;
using mplane::test::become_nobody;
using mplane::test::NetworkNamespace;
using namespace std::chrono_literals;

namespace {

Address loopback(IpFamily family) {
  return family == IpFamily::Ip4 ? Address(Ip4::parse("127.0.0.1")) : Ip6::parse("::1");
}

/// What a socket told.
struct Told {
  std::vector<std::uint32_t> answers;
  std::map<std::uint64_t, WallTime> stamps;
  int kernel_stamps = 0;

  void until(SynSocket& socket, std::size_t count) {
    const auto end = std::chrono::steady_clock::now() + 10s;
    while (answers.size() < count && std::chrono::steady_clock::now() < end) {
      const auto descriptors = socket.descriptors();
      std::array<pollfd, 2> wait{pollfd{descriptors[0], POLLIN, 0},
                                 pollfd{descriptors[1], POLLIN, 0}};
      ::poll(wait.data(), wait.size(), 100);
      socket.receive(
          {.answer =
               [this](const SynAnswer& answer, const SynArrival& arrival) {
                 answers.push_back(answer.sequence);
                 kernel_stamps += arrival.kernel_stamp ? 1 : 0;
               },
           .transmitted = [this](std::uint64_t packet, WallTime sent) { stamps[packet] = sent; }});
    }
  }
};

}  // namespace

TEST_CASE("each SYN is answered by its sequence number, with stamps of both ways",
          "[syn][socket]") {
  const IpFamily family = GENERATE(IpFamily::Ip4, IpFamily::Ip6);
  const NetworkNamespace network;
  const Told told = apart([&] {
    network.enter();
    SynSocket socket({loopback(family), 9});  // where nobody listens
    Told t;
    socket.send(0xfffffffe, 64, 99);  // the first to ask for stamps may not get any
    t.until(socket, 1);
    socket.send(0xffffffff, 64, 7);
    socket.send(0, 64, 8);
    t.until(socket, 3);
    return t;
  });
  CHECK(told.answers == std::vector<std::uint32_t>{0xfffffffe, 0xffffffff, 0});
  CHECK(told.kernel_stamps >= 2);
  CHECK(told.stamps.count(7) == 1);
  CHECK(told.stamps.count(8) == 1);
}

TEST_CASE("nobody else can have the port that SYNs come from, and each socket has its own",
          "[syn][socket]") {
  const NetworkNamespace network;
  const auto [taken, different] = apart([&] {
    network.enter();
    const SynSocket one({loopback(IpFamily::Ip4), 9});
    const SynSocket other({loopback(IpFamily::Ip4), 9});
    const auto again = bind_anywhere(IpFamily::Ip4, SOCK_STREAM, one.port());
    return std::pair(!again && errno == EADDRINUSE, one.port() != other.port());
  });
  CHECK(taken);
  CHECK(different);
}

TEST_CASE("a SYN socket hears the answers to its own SYNs only", "[syn][socket]") {
  const IpFamily family = GENERATE(IpFamily::Ip4, IpFamily::Ip6);
  const NetworkNamespace network;
  const auto [told, others] = apart([&] {
    network.enter();
    SynSocket one({loopback(family), 9});
    SynSocket other({loopback(family), 9});
    Told t;
    Told o;
    for (std::uint32_t n = 0; n < 100; ++n) {
      one.send(n, 64, n);
      other.send(1'000 + n, 64, n);
    }
    t.until(one, 100);
    o.until(other, 100);
    return std::pair(t, o);
  });
  CHECK(told.answers.size() == 100);
  CHECK(others.answers.size() == 100);
  for (const std::uint32_t sequence : told.answers) CHECK(sequence < 100);
  for (const std::uint32_t sequence : others.answers) CHECK(sequence >= 1'000);
}

TEST_CASE("without a route a SYN does not leave, and that is said", "[syn][socket]") {
  const NetworkNamespace network;
  const int error = apart([&] {
    network.enter();
    SynSocket socket({Ip4::parse("192.0.2.1"), 9});
    return socket.send(1, 64, 1);
  });
  CHECK(error == ENETUNREACH);
}

TEST_CASE("without a right to raw sockets there are no SYNs of one's own", "[syn][socket]") {
  const IpFamily family = GENERATE(IpFamily::Ip4, IpFamily::Ip6);
  CHECK(SynSocket::is_allowed(family));
  const auto [allowed, said] = apart([&] {
    become_nobody();
    std::string refusal;
    try {
      const SynSocket socket({loopback(family), 9});
    } catch (const Error& error) {
      refusal = error.message();
    }
    return std::pair(SynSocket::is_allowed(family), refusal);
  });
  CHECK_FALSE(allowed);
  CHECK(said == "TCP segments of one's own need a right that is missing: CAP_NET_RAW");
}
