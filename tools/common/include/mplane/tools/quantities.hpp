#pragma once

#include "mplane/model/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace mplane {

/// The protocol's durations ("1h30m", "5s") and, for settings, "250ms" and "100us" as well.
/// @throws Error{Malformed} naming the text.
Duration parse_setting_duration(std::string_view text);
/// Text that reads back.
std::string setting_text(Duration duration);

/// A number of bytes: "4096", "64kB" (thousands), "16MiB" (1024s); also GB and GiB.
/// @throws Error{Malformed} naming the text.
std::uint64_t parse_bytes(std::string_view text);
/// Text that reads back.
std::string bytes_text(std::uint64_t bytes);

}  // namespace mplane
