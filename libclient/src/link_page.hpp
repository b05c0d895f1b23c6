#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mplane::detail {

/// The targets of the links on an HTML page: the values of `href` in its `a` tags, in their order,
/// entities of "&" resolved, at most `limit` of them. Takes any bytes and makes the best of them;
/// in one pass, so that no page costs more than its length.
///
///     page = *(text | comment | tag)
///     tag  = "<" name *(attribute) ">"
///     attribute = name ["=" (word | "'" text "'" | '"' text '"')]
std::vector<std::string> find_links(std::string_view html, std::size_t limit);

}  // namespace mplane::detail
