#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mplane::detail {

/// The word that is most like the one that was written, or an empty text when none is: at most
/// about a third of the letters differ.
std::string nearest(std::string_view written, const std::vector<std::string>& words);

}  // namespace mplane::detail
