#pragma once

#include "mplane/tools/config_node.hpp"
#include "mplane/tools/mistakes.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace mplane {

/// Reads one YAML document: scalars, lists and maps. Keys given twice, anchors and aliases are
/// mistakes; where the text is no YAML at all, that is one mistake and the node is null.
/// @param file the name under which mistakes speak of it.
ConfigNode parse_yaml(const std::string& text, std::string_view file, Mistakes& mistakes);

/// The same from a file. @throws Error{Configuration} when it cannot be read.
ConfigNode read_yaml(const std::filesystem::path& file, Mistakes& mistakes);

/// The bytes of a file. @throws Error{Configuration} naming it and why it cannot be read, also when
/// it has more than 16 MiB.
std::string read_text(const std::filesystem::path& file);

/// The bytes of a JSON file, or of what a YAML file (*.yaml, *.yml) is in JSON.
/// @throws Error{Configuration} as above, and for every mistake in the YAML.
std::string read_as_json(const std::filesystem::path& file);

}  // namespace mplane
