#pragma once

#include <string>

namespace yardstick {

/// The seconds between the two timestamps "YYYY-MM-DD HH:MM:SS" in a text, the second one behind
/// " ... ", each read by strptime and timegm. Fractions and all else are not looked at.
long long strptime_pair(const std::string& text);

}  // namespace yardstick
