#include "mplane/probe/socket_address.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>

namespace mplane {

SocketAddress SocketAddress::of(const Address& host, std::uint16_t port) noexcept {
  SocketAddress address;
  if (host.is_ip4()) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(port);
    std::memcpy(&in.sin_addr, host.ip4().bytes().data(), sizeof in.sin_addr);
    std::memcpy(&address.storage, &in, sizeof in);
    address.length = sizeof in;
  } else {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(port);
    std::memcpy(&in.sin6_addr, host.ip6().bytes().data(), sizeof in.sin6_addr);
    std::memcpy(&address.storage, &in, sizeof in);
    address.length = sizeof in;
  }
  return address;
}

const sockaddr* SocketAddress::data() const noexcept {
  return reinterpret_cast<const sockaddr*>(&storage);
}

std::optional<Address> host_in(const sockaddr_storage& address) noexcept {
  if (address.ss_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof in);
    std::array<std::uint8_t, 4> bytes{};
    std::memcpy(bytes.data(), &in.sin_addr, bytes.size());
    return Address(Ip4(bytes));
  }
  if (address.ss_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, &address, sizeof in);
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
    return Address(Ip6(bytes));
  }
  return std::nullopt;
}

std::uint16_t port_in(const sockaddr_storage& address) noexcept {
  if (address.ss_family != AF_INET && address.ss_family != AF_INET6) return 0;
  std::uint16_t port = 0;  // at the same place in both
  std::memcpy(&port, reinterpret_cast<const char*>(&address) + offsetof(sockaddr_in, sin_port),
              sizeof port);
  return ntohs(port);
}

std::optional<Endpoint> local_endpoint(int descriptor) noexcept {
  sockaddr_storage local{};
  socklen_t length = sizeof local;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&local), &length) != 0) {
    return std::nullopt;
  }
  const auto host = host_in(local);
  if (!host) return std::nullopt;
  return Endpoint{*host, port_in(local)};
}

}  // namespace mplane
