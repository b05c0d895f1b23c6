#pragma once

#include "mplane/client.hpp"
#include "rows.hpp"

#include <string>
#include <vector>

namespace mplane {

/// Everything about a capability, for people.
std::string describe(const Capability& capability, const std::string& component);

/// A line each, for people: label, scope, parameters.
std::string list_as_table(const std::vector<Capability>& capabilities);
/// A line each: label, token, verb, when, link, and the names of parameters and results.
std::string list_as_csv(const std::vector<Capability>& capabilities);
/// An array with a message a line; or the messages alone, one a line.
std::string list_as_json(const std::vector<Capability>& capabilities);
std::string list_as_ndjson(const std::vector<Capability>& capabilities);

/// The same as rows, for the capabilities of several components.
std::vector<Heading> listed_headings();
std::vector<Value> listed(const Capability& capability);

/// What a scope, an element and its constraint mean, in words, for people.
/// @param width where lines are wrapped; 0 is nowhere.
std::string explain(const Capability& capability, const std::string& component, std::size_t width);
/// The same as rows: what it is, element, type, constraint, meaning, registry.
void write_explanations(const Capability& capability, RowOutput& rows);

}  // namespace mplane
