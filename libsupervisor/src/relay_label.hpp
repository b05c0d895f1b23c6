#pragma once

#include <string>
#include <string_view>

namespace mplane::detail {

/// A text as 16 hexadecimal digits that differ for different texts (FNV-1a, 64 bits): the same on
/// every machine and at every start.
std::string fingerprint(std::string_view text);

/// What a component's capability is called above. A label as long and with such letters as labels
/// have; two that were to differ do.
std::string relay_label(std::string_view pattern, std::string_view label,
                        std::string_view component);

}  // namespace mplane::detail
