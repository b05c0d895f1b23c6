#pragma once

#include "json.hpp"
#include "mplane/model/value.hpp"

/// A value as the vectors write it: `{"type": …, "value": …}` with the types str, int, float (as
/// text), bool, time, ip4, ip6 and null.
Json native_json(const mplane::Value& value);

/// The value that is meant. @throws mplane::Error when it is none of ours.
mplane::Value native_value(const Json& json);

/// The primitive of that name. @throws std::runtime_error when there is none.
mplane::Primitive primitive_named(const Json& name);
