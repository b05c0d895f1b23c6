#pragma once

#include "mplane/model/value.hpp"

#include <string>

namespace mplane {

/// Appends a value as JSON: numbers and booleans native, no value as null, everything else as text.
void append_json(std::string& out, const Value& value);

}  // namespace mplane
