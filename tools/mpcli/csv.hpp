#pragma once

#include <string>
#include <vector>

namespace mplane {

/// The cells as one line of CSV, with its line feed.
std::string csv_line(const std::vector<std::string>& cells);

}  // namespace mplane
