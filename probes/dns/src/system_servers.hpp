#pragma once

#include "mplane/model/address.hpp"

#include <string>
#include <vector>

namespace mplane::detail {

/// The name servers that a resolv.conf lists, in its order; lines that are none are passed over.
/// None if the file cannot be read.
std::vector<Address> system_servers(const std::string& file);

}  // namespace mplane::detail
