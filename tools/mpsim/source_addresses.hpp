#pragma once

#include "mplane/model/address.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mplane {

/// The addresses that a fleet connects from: the hosts of an IPv4 network, or one host. Each has
/// its own ports. Immutable value.
class SourceAddresses {
 public:
  /// Reads "127.0.1.0/24" or "127.0.1.1". @throws Error{Malformed}.
  static SourceAddresses parse(std::string_view text);

  /// How many; the first and the last of a network larger than /31 are not hosts.
  std::size_t size() const noexcept { return size_; }
  /// The one that the component with this number takes: they take turns.
  Ip4 of(std::size_t component) const noexcept;

 private:
  SourceAddresses(std::uint32_t first, std::size_t size) noexcept : first_(first), size_(size) {}

  std::uint32_t first_;
  std::size_t size_;
};

}  // namespace mplane
