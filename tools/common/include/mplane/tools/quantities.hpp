#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mplane {

/// A number of bytes: "4096", "64kB" (thousands), "16MiB" (1024s); also GB and GiB.
/// @throws Error{Malformed} naming the text.
std::uint64_t parse_bytes(std::string_view text);
/// Text that reads back.
std::string bytes_text(std::uint64_t bytes);

}  // namespace mplane
