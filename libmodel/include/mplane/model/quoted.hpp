#pragma once

#include <string>
#include <string_view>

namespace mplane {

/// A text from elsewhere, fit to stand in an error message or a line of a log: in double quotes,
/// cut after about a hundred bytes, with control characters, quotes, backslashes and bytes that are
/// no UTF-8 written as escapes.
std::string quoted(std::string_view text);

}  // namespace mplane
