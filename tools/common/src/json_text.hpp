#pragma once

#include <string>
#include <string_view>

namespace mplane::detail {

/// Appends the text as a JSON string, in quotes. Bytes from 0x80 on are kept as they are.
void append_json_string(std::string& out, std::string_view text);

}  // namespace mplane::detail
