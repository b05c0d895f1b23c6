#pragma once

#include "mplane/model/time.hpp"

#include <string>
#include <string_view>

namespace mplane {

/// Without end: what the text `inf` means.
inline constexpr Duration kWithoutEnd = Duration::max();

/// `[nd][nh][nm][ns]`, at least one part, or `inf` (protocol, section 3).
/// @throws Error{Malformed} naming the text, also when it is longer than can be counted.
Duration parse_duration(std::string_view text);

/// Canonical text: the largest units first ("1m30s"), zero is "0s", without end is "inf". What the
/// grammar cannot say is cut off: parts of a second, and all of a negative duration.
std::string to_string(Duration duration);

/// Appends the same to `out`.
void append(std::string& out, Duration duration);

}  // namespace mplane
