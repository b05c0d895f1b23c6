#include "own_mtu.hpp"

#include "mplane/probe/socket.hpp"
#include "mplane/probe/socket_address.hpp"

#include <algorithm>
#include <cstring>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace mplane::detail {
namespace {

constexpr std::uint32_t kGreatest = 65'535;

std::optional<Address> host_at(const sockaddr* address) noexcept {
  sockaddr_storage storage{};
  if (address == nullptr) return std::nullopt;
  if (address->sa_family == AF_INET) std::memcpy(&storage, address, sizeof(sockaddr_in));
  if (address->sa_family == AF_INET6) std::memcpy(&storage, address, sizeof(sockaddr_in6));
  return host_in(storage);
}

std::uint32_t mtu_of(const char* interface) {
  ifreq request{};
  std::strncpy(request.ifr_name, interface, sizeof request.ifr_name - 1);
  const FileDescriptor socket = open_socket(IpFamily::Ip4, SOCK_DGRAM);
  const bool told = ::ioctl(socket.number(), SIOCGIFMTU, &request) == 0 && request.ifr_mtu > 0;
  return told ? static_cast<std::uint32_t>(request.ifr_mtu) : kGreatest;
}

/// The MTU of the interface that has an address. (What the kernel says of a route is what it has
/// learned of the path.)
std::uint32_t mtu_of(const Address& host) {
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return kGreatest;
  std::uint32_t mtu = kGreatest;
  for (const ifaddrs* each = all; each != nullptr; each = each->ifa_next) {
    if (host_at(each->ifa_addr) != host) continue;
    mtu = mtu_of(each->ifa_name);
    break;
  }
  ::freeifaddrs(all);
  return mtu;
}

}  // namespace

std::optional<std::uint32_t> own_mtu(const Address& target) {
  const FileDescriptor socket = open_socket(family_of(target), SOCK_DGRAM);
  constexpr std::uint16_t kDiscard = 9;  // nothing is sent there
  const auto to = SocketAddress::of(target, kDiscard);
  if (::connect(socket.number(), to.data(), to.length) != 0) return std::nullopt;
  const auto local = local_endpoint(socket.number());
  const std::uint32_t mtu = local ? mtu_of(local->host) : kGreatest;
  return std::min(mtu, kGreatest);
}

}  // namespace mplane::detail
