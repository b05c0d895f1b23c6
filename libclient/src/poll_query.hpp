#pragma once

#include "mplane/client/component_view.hpp"
#include "mplane/model/time.hpp"

#include <string_view>

namespace mplane::detail {

/// Reads what a component tells of itself in the query of its poll, as text that others wrote:
/// "version=0.1.0&time=1795337400123456&load=0.52", the time in microseconds since 1970 by its
/// clock. What is missing, too long or no such value counts for nothing.
ComponentSelf read_poll_query(std::string_view query, Instant now);

}  // namespace mplane::detail
