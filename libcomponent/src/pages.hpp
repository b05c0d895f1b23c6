#pragma once

#include "mplane/model/capability.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mplane::detail {

/// The text with `&`, `<`, `>` and quotes written so that HTML shows them.
std::string html(std::string_view text);

/// What `GET /` shows to people: who we are, and a link on to the capabilities.
std::string front_page(std::string_view identity, std::size_t capabilities);

/// What `GET /capability` shows: a link to each capability. Links are absolute paths, in single
/// words of markup, because the old SDK's client follows them.
std::string capability_page(const std::vector<Capability>& capabilities);

}  // namespace mplane::detail
