#include "mplane/probe/datagram_port.hpp"

#include "mplane/model/error.hpp"
#include "mplane/probe/datagram_socket.hpp"
#include "mplane/probe/socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <vector>

#include <catch2/catch.hpp>

using namespace mplane;

namespace {

bool becomes_readable(int descriptor) {
  pollfd ready{descriptor, POLLIN, 0};
  return ::poll(&ready, 1, 5'000) > 0;
}

std::vector<std::uint8_t> octets(std::size_t count) { return std::vector<std::uint8_t>(count, 7); }

}  // namespace

TEST_CASE("a port answers from the address that was spoken to", "[datagrams]") {
  struct Case {
    IpFamily family;
    const char* spoken_to;
  };
  for (const Case& one : {Case{IpFamily::Ip4, "127.0.0.1"}, Case{IpFamily::Ip4, "127.0.0.7"},
                          Case{IpFamily::Ip6, "::1"}}) {
    const IpFamily family = one.family;
    const std::string spoken_to = one.spoken_to;
    CAPTURE(spoken_to);
    DatagramPort port(family, 0);
    DatagramSocket socket({Address::parse(spoken_to), port.port()});
    REQUIRE(socket.send(octets(3)) == 0);
    REQUIRE(becomes_readable(port.descriptor()));
    int heard = 0;
    port.receive([&](const PortArrival& arrival) {
      ++heard;
      CHECK(to_string(arrival.to) == spoken_to);
      CHECK(arrival.bytes.size() == 3);
      CHECK(arrival.octets == 3);
      CHECK(arrival.hop_limit == 64);
      CHECK(port.send(octets(5), arrival.from, arrival.to) == 0);
    });
    CHECK(heard == 1);
    // A socket for one host hears only what comes from there.
    REQUIRE(becomes_readable(socket.descriptor()));
    std::size_t answered = 0;
    socket.receive({.datagram = [&](const DatagramArrival& a) { answered = a.bytes.size(); }});
    CHECK(answered == 5);
  }
}

TEST_CASE("a port takes the begin of what is longer than it wants, and tells how long it was",
          "[datagrams]") {
  DatagramPort port(IpFamily::Ip4, 0, 16);
  DatagramSocket socket({Address::parse("127.0.0.1"), port.port()});
  const std::vector<std::size_t> lengths{0, 1, 16, 17, 9'000};
  for (const std::size_t length : lengths) REQUIRE(socket.send(octets(length)) == 0);
  REQUIRE(becomes_readable(port.descriptor()));
  std::vector<std::size_t> told;
  port.receive([&](const PortArrival& arrival) {
    told.push_back(arrival.octets);
    CHECK(arrival.bytes.size() == std::min<std::size_t>(arrival.octets, 16));
  });
  CHECK(told == lengths);
}

TEST_CASE("a port counts what it had no room for", "[datagrams]") {
  DatagramPort port(IpFamily::Ip4, 0, 1'500, 8'192);
  DatagramSocket socket({Address::parse("127.0.0.1"), port.port()});
  CHECK(port.dropped() == 0);
  constexpr std::uint32_t kMany = 200;
  for (std::uint32_t n = 0; n < kMany; ++n) REQUIRE(socket.send(octets(1'000)) == 0);
  std::uint32_t taken = 0;
  while (taken < kMany && becomes_readable(port.descriptor())) {
    const auto before = taken;
    port.receive([&](const PortArrival&) { ++taken; });
    if (taken + port.dropped() == kMany || taken == before) break;
  }
  CHECK(taken > 0);
  CHECK(port.dropped() > 0);
  CHECK(taken + port.dropped() == kMany);
}

TEST_CASE("a port that is taken cannot be had, and says which", "[datagrams]") {
  const DatagramPort port(IpFamily::Ip4, 0);
  CHECK_THROWS_WITH(DatagramPort(IpFamily::Ip4, port.port()),
                    Catch::Contains("UDP port " + std::to_string(port.port())));
  const DatagramPort other_family(IpFamily::Ip6, port.port());
  CHECK(other_family.port() == port.port());
  CHECK_FALSE(bind_anywhere(IpFamily::Ip4, SOCK_DGRAM, port.port()));
  CHECK(errno == EADDRINUSE);
}
