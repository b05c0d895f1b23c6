#include "mplane/probe/local_address.hpp"

#include "support/link/network_namespace.hpp"

#include <future>
#include <string>

#include <catch2/catch.hpp>

using namespace mplane;

TEST_CASE("the default source is that of the default route, else the loopback", "[address]") {
  const auto sources_in = [](const mplane::test::NetworkNamespace& network) {
    return std::async(std::launch::async,
                      [&] {
                        network.enter();
                        return to_string(default_source(IpFamily::Ip4)) + " " +
                               to_string(default_source(IpFamily::Ip6));
                      })
        .get();
  };
  const mplane::test::NetworkNamespace network;
  CHECK(sources_in(network) == "127.0.0.1 ::1");
  network.run("ip link add eth0 type veth peer name eth1");
  network.run("ip link set eth1 up");
  network.run("ip link set eth0 up");
  network.run("ip address add 10.77.0.1/24 dev eth0");
  network.run("ip address add fd77::1/64 nodad dev eth0");
  network.run("ip route add default via 10.77.0.2");
  network.run("ip route add default via fd77::2");
  CHECK(sources_in(network) == "10.77.0.1 fd77::1");
}

TEST_CASE("whether the host has an address can be asked", "[address]") {
  CHECK(is_local(Ip4::parse("127.0.0.1")));
  CHECK_FALSE(is_local(Ip4::parse("192.0.2.1")));
  CHECK_FALSE(is_local(Ip6::parse("2001:db8::1")));
}
