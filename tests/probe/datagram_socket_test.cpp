#include "mplane/probe/datagram_socket.hpp"

#include "mplane/probe/datagram_port.hpp"

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <poll.h>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;

namespace {

std::vector<std::uint8_t> octets(std::size_t count) { return std::vector<std::uint8_t>(count, 7); }

/// Waits until there is something, be it in the error queue.
bool has_news(const DatagramSocket& socket) {
  pollfd ready{socket.descriptor(), POLLIN, 0};
  return ::poll(&ready, 1, 5'000) > 0;
}

using Stamps = std::vector<std::pair<std::uint64_t, WallTime>>;

/// So many stamps of what was sent.
Stamps stamps(DatagramSocket& socket, std::size_t count) {
  Stamps told;
  while (told.size() < count && has_news(socket)) {
    socket.receive({.transmitted = [&](std::uint64_t packet, WallTime sent) {
      told.emplace_back(packet, sent);
    }});
  }
  return told;
}

}  // namespace

TEST_CASE("a stamp is the right packet's, also behind one that could not be sent", "[datagrams]") {
  const DatagramPort port(IpFamily::Ip4, 0);
  DatagramSocket socket({Address::parse("127.0.0.1"), port.port()}, {.under_way = 8});
  REQUIRE(socket.send(octets(1), 41) == 0);
  const Stamps first = stamps(socket, 1);
  REQUIRE(first.size() == 1);
  CHECK(first[0].first == 41);
  CHECK(socket.send(octets(70'000), 42) == EMSGSIZE);
  const WallTime begin = std::chrono::system_clock::now();
  REQUIRE(socket.send(octets(1), 43) == 0);
  REQUIRE(socket.send(octets(1), 44) == 0);
  const Stamps behind = stamps(socket, 2);
  REQUIRE(behind.size() == 2);
  CHECK(behind[0].first == 43);
  CHECK(behind[1].first == 44);
  CHECK(behind[0].second >= begin);
  CHECK(behind[0].second <= behind[1].second);
  CHECK(behind[1].second <= std::chrono::system_clock::now());
}

TEST_CASE("an error about a datagram is told with what it quotes", "[datagrams]") {
  for (const std::string host : {"127.0.0.1", "::1"}) {
    CAPTURE(host);
    const Address address = Address::parse(host);
    std::uint16_t nobody = 0;
    {
      const DatagramPort port(family_of(address), 0);
      nobody = port.port();
    }
    DatagramSocket socket({address, nobody});
    REQUIRE(socket.send(octets(12)) == 0);
    int told = 0;
    const auto notice = [&](const IcmpNotice& found, Bytes quoted) {
      ++told;
      CHECK(to_string(found.reporter) == host);
      CHECK(int{found.type} == (address.is_ip4() ? 3 : 1));  // unreachable: the port
      CHECK(int{found.code} == (address.is_ip4() ? 3 : 4));
      CHECK(std::vector<std::uint8_t>(quoted.begin(), quoted.end()) == octets(12));
    };
    for (int tries = 0; told == 0 && tries < 5 && has_news(socket); ++tries) {
      socket.receive({.notice = notice});
    }
    CHECK(told == 1);
  }
}
