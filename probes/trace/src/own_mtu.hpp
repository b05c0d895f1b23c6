#pragma once

#include "mplane/model/address.hpp"

#include <cstdint>
#include <optional>

namespace mplane::detail {

/// The MTU of the interface whose address packets to a target leave with, in octets and at most
/// 65,535, what an IPv4 header can say; that if no interface has it. (What the kernel says of the
/// route instead is what it has learned of the path.) Nothing, with errno, if there is no route.
std::optional<std::uint32_t> own_mtu(const Address& target);

}  // namespace mplane::detail
