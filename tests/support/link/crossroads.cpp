#include "support/link/crossroads.hpp"

#include "support/link/veth_hosts.hpp"

#include <future>
#include <string>

namespace mplane::test {
namespace {

void set_up(const NetworkNamespace& host) {
  host.set("ipv4/ip_forward", "1");
  host.set("ipv6/conf/all/forwarding", "1");
  host.set("ipv4/icmp_ratelimit", "0");
  host.set("ipv4/icmp_msgs_per_sec", "1000000");
  host.set("ipv4/icmp_msgs_burst", "1000000");
  host.set("ipv6/icmp/ratelimit", "0");
  // By addresses, protocol and ports. (With policy 1 a hash of the sender's socket would count,
  // which packets keep from one network of a host to the other, as they never would on a wire.)
  for (const std::string version : {"ipv4", "ipv6"}) {
    host.set(version + "/fib_multipath_hash_policy", "3");
    host.set(version + "/fib_multipath_hash_fields", "55");
  }
}

/// An interface as number 1 or 2 of its networks, with the other for a neighbour: looking for each
/// other takes a second where the system is slow (veth_hosts.hpp).
void add_end(const NetworkNamespace& host, const std::string& name, const std::string& net4,
             const std::string& net6, int number) {
  const std::string here = std::to_string(number);
  const std::string there = std::to_string(3 - number);
  host.run("ip link set " + name + " address 02:00:00:00:00:0" + here);
  host.run("ip address add " + net4 + here + "/24 dev " + name);
  host.run("ip address add " + net6 + here + "/64 nodad dev " + name);
  host.run("ip link set " + name + " up");
  for (const std::string& net : {net4, net6}) {
    host.run("ip neigh add " + net + there + " lladdr 02:00:00:00:00:0" + there + " dev " + name +
             " nud permanent");
  }
}

/// A pair of interfaces `name` with .1 (::1) at the first host and .2 (::2) at the second.
void join(const NetworkNamespace& one, const NetworkNamespace& other, const std::string& name,
          const std::string& net4, const std::string& net6) {
  one.run("ip link add " + name + " type veth peer name " + name + " netns " + other.path());
  add_end(one, name, net4, net6, 1);
  add_end(other, name, net4, net6, 2);
  await_carrier(one, name);
  await_carrier(other, name);
}

void route(const NetworkNamespace& host, const std::string& to, const std::string& via) {
  host.run("ip route add " + to + " via " + via);
}

}  // namespace

Crossroads::Crossroads(std::chrono::nanoseconds delay) {
  for (const NetworkNamespace* host : {&a_, &r1_, &r2_, &b_}) set_up(*host);
  join(a_, r1_, "near", "10.1.0.", "fd01::");
  for (std::size_t n = 0; n < kPaths; ++n) {
    set_up(paths_[n]);
    const std::string number = std::to_string(n + 1);
    join(r1_, paths_[n], "in" + number, "10.2." + number + ".", "fd02:" + number + "::");
    join(paths_[n], r2_, "out" + number, "10.3." + number + ".", "fd03:" + number + "::");
  }
  if (delay > delay.zero()) {
    join_far(delay);
  } else {
    join(r2_, b_, "far", "10.4.0.", "fd04::");
  }
  lay_routes();
}

Crossroads::~Crossroads() = default;

std::vector<LinkRecord> Crossroads::log() const {
  const detail::Lock lock(mutex_);
  return log_;
}

void Crossroads::join_far(std::chrono::nanoseconds delay) {
  between_.set("ipv6/conf/all/disable_ipv6", "1");  // the link itself says nothing
  between_.set("ipv6/conf/default/disable_ipv6", "1");
  between_.run("ip link add link-a type veth peer name far netns " + r2_.path());
  between_.run("ip link add link-b type veth peer name far netns " + b_.path());
  between_.run("ip link set link-a up");
  between_.run("ip link set link-b up");
  add_end(r2_, "far", "10.4.0.", "fd04::", 1);
  add_end(b_, "far", "10.4.0.", "fd04::", 2);
  await_carrier(r2_, "far");
  await_carrier(b_, "far");
  await_carrier(between_, "link-a");
  await_carrier(between_, "link-b");
  const auto note = [this](const LinkRecord& record) {
    const detail::Lock lock(mutex_);
    log_.push_back(record);
  };
  link_ = std::async(std::launch::async, [&] {
            between_.enter();
            return std::make_unique<Link>(
                "link-a", "link-b",
                LinkSettings{.a_to_b = {.delay = delay}, .b_to_a = {.delay = delay}}, note);
          }).get();
}

void Crossroads::lay_routes() const {
  route(a_, "default", "10.1.0.2");
  route(a_, "default", "fd01::2");
  route(b_, "default", "10.4.0.1");
  route(b_, "default", "fd04::1");
  std::string hops4;
  std::string hops6;
  for (std::size_t n = 0; n < kPaths; ++n) {
    const std::string number = std::to_string(n + 1);
    hops4 += " nexthop via 10.2." + number + ".2";
    hops6 += " nexthop via fd02:" + number + "::2";
    route(paths_[n], "10.4.0.0/24", "10.3." + number + ".2");
    route(paths_[n], "fd04::/64", "fd03:" + number + "::2");
    route(paths_[n], "10.1.0.0/24", "10.2." + number + ".1");
    route(paths_[n], "fd01::/64", "fd02:" + number + "::1");
  }
  r1_.run("ip route add 10.4.0.0/24" + hops4);
  r1_.run("ip -6 route add fd04::/64" + hops6);
  route(r2_, "10.1.0.0/24", "10.3.1.1");
  route(r2_, "fd01::/64", "fd03:1::1");
}

}  // namespace mplane::test
