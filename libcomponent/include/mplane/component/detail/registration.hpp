#pragma once

#include <map>
#include <string>
#include <string_view>

namespace mplane::detail {

/// What a supervisor said of each label that we registered: why not, or nothing if it took it.
using Answers = std::map<std::string, std::string>;

/// Reads `{"label": {"registered": "ok"}, "other": {"registered": "no", "reason": "…"}}`.
/// @throws Error{Malformed} for anything else.
Answers parse_answers(std::string_view json);

}  // namespace mplane::detail
