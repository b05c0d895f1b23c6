#pragma once

#include "mplane/model/address.hpp"

#include <optional>
#include <sys/socket.h>

namespace mplane::detail {

/// An address in the operating system's form. A value.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  /// A host, with port 0.
  static SocketAddress of(const Address& host) noexcept;
  /// As the pointer that system calls take.
  const sockaddr* data() const noexcept;
};

/// The host in an address of the operating system; nothing if it is of another kind.
std::optional<Address> host_in(const sockaddr_storage& address) noexcept;

}  // namespace mplane::detail
