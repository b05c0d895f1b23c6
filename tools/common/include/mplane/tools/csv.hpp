#pragma once

#include "mplane/model/value.hpp"

#include <string>
#include <vector>

namespace mplane {

/// A value as a cell: nothing for no value, booleans in lower case, else its text.
std::string csv_cell(const Value& value);

/// The cells as one line of CSV (RFC 4180, but that it ends in a line feed).
std::string csv_line(const std::vector<std::string>& cells);

}  // namespace mplane
