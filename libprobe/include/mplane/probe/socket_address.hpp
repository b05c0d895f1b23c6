#pragma once

#include "mplane/model/address.hpp"

#include <cstdint>
#include <optional>
#include <sys/socket.h>

namespace mplane {

/// A host and a port. A value.
struct Endpoint {
  Address host;
  std::uint16_t port = 0;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// An address in the operating system's form. A value.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  static SocketAddress of(const Address& host, std::uint16_t port = 0) noexcept;
  /// As the pointer that system calls take.
  const sockaddr* data() const noexcept;
};

/// What a socket is bound to; nothing if the system does not say.
std::optional<Endpoint> local_endpoint(int descriptor) noexcept;

/// The host in an address of the operating system; nothing if it is of another kind.
std::optional<Address> host_in(const sockaddr_storage& address) noexcept;
/// Its port; 0 if it has none.
std::uint16_t port_in(const sockaddr_storage& address) noexcept;

}  // namespace mplane
