#pragma once

#include "mplane/component/credits.hpp"
#include "mplane/tools/config_section.hpp"

namespace mplane {

/// Reads the section `credits`; mistakes are noted where they are.
CreditOptions read_credits(ConfigSection section);

}  // namespace mplane
