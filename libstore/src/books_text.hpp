#pragma once

#include "mplane/scheduler/books.hpp"

#include <string>
#include <string_view>

namespace mplane::detail {

// Books as a line of text: "running=1 waiting=2 completed=17 overlap=3", whatever is not zero. The
// totals follow from the reasons.

std::string to_text(const Books& books);

/// @throws Error{Malformed} naming what it does not understand.
Books parse_books(std::string_view text);

}  // namespace mplane::detail
