#include "support/link/veth_hosts.hpp"

#include <chrono>
#include <stdexcept>
#include <string>

namespace mplane::test {
void configure_host(const NetworkNamespace& host, int number) {
  const std::string here = std::to_string(number);
  const std::string there = std::to_string(3 - number);
  host.run("ip link set eth0 address 02:00:00:00:00:0" + here);
  host.run("ip address add 10.77.0." + here + "/24 dev eth0");
  host.run("ip address add fd77::" + here + "/64 nodad dev eth0");
  host.run("ip link set eth0 up");
  for (const std::string& address : {"10.77.0." + there, "fd77::" + there}) {
    host.run("ip neigh add " + address + " lladdr 02:00:00:00:00:0" + there +
             " dev eth0 nud permanent");
  }
}

VethHosts::VethHosts() {
  a_.run("ip link add eth0 type veth peer name eth0 netns " + b_.path());
  configure_host(a_, 1);
  configure_host(b_, 2);
  await_carrier(a_, "eth0");
  await_carrier(b_, "eth0");
  await_address(a_, 1);
  await_address(b_, 2);
  b_.run("ip route add local 10.99.0.0/16 dev lo");
  a_.run("ip route add 10.99.0.0/16 via 10.77.0.2");
}

namespace {

void await(const NetworkNamespace& host, const std::string& command, const std::string& sign) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (host.run(command).find(sign) == std::string::npos) {
    if (std::chrono::steady_clock::now() > end) {
      throw std::runtime_error("'" + command + "' does not come to say '" + sign + "'");
    }
  }
}

}  // namespace

void await_carrier(const NetworkNamespace& host, const std::string& interface) {
  await(host, "ip link show " + interface, "state UP");
}

void await_address(const NetworkNamespace& host, int number) {
  await(host, "ip -6 route show table local dev eth0", "fd77::" + std::to_string(number) + " ");
}

}  // namespace mplane::test
