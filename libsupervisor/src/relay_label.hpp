#pragma once

#include <string>
#include <string_view>

namespace mplane::detail {

/// What a component's capability is called above: the pattern, with these for its words `{label}`
/// and `{component}`. A label as long and with such letters as labels have. What would not say for
/// certain whose it is, and what it is called there, gets a mark that does: the MD5 of both. So two
/// that differ have different labels, and no component can choose its names to be taken for
/// another.
std::string relay_label(std::string_view pattern, std::string_view label,
                        std::string_view component);

}  // namespace mplane::detail
