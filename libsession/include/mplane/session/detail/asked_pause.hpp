#pragma once

#include "mplane/model/time.hpp"

#include <string_view>

namespace mplane::detail {

/// For how long a peer wants to be left alone: the seconds of its Retry-After (RFC 9110, section
/// 10.2.3), an hour at most. None for what is empty or a date.
Duration asked_pause(std::string_view retry_after);

}  // namespace mplane::detail
