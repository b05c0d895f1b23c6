#pragma once

#include "mplane/model/time.hpp"

namespace mplane::detail {

/// Whether an end is before its start whatever now is.
bool is_reversed(Time start, Time end) noexcept;

/// Whether the grammar of durations can say it: whole seconds, 0 or more, or without end.
bool is_whole_seconds(Duration duration) noexcept;

}  // namespace mplane::detail
