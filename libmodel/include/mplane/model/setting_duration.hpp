#pragma once

#include "mplane/model/time.hpp"

#include <string>
#include <string_view>

namespace mplane {

/// What operators write as a duration: as in the protocol ("1h30m", "5s", "inf"), and "250ms" and
/// "100us" as well. @throws Error{Malformed} naming the text.
Duration parse_setting_duration(std::string_view text);
/// Text that reads back.
std::string setting_text(Duration duration);

}  // namespace mplane
