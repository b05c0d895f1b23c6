#pragma once

#include "json.hpp"
#include "mplane/model/message.hpp"
#include "mplane/model/registry.hpp"

#include <string_view>

/// Everything about a message that the vectors tell, in their form: its JSON before and after its
/// token is asked for, its sections, its hashes.
Json seen(const mplane::Message& message);

/// The same, and what is seen when that JSON is read again, under `parsed_back`.
Json seen_and_read_back(const mplane::Message& message, const mplane::Registry& registry);

/// Turns texts of JSON into JSON. Of statements with a set constraint of several members sorts
/// these, which Python writes in any order, and drops hashes and tokens.
void normalize_message(Json& answer);
