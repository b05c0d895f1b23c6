#pragma once

#include "mplane/model/registry.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mplane {

/// Where registries are looked for by name, in this order: the folders of $MPLANE_REGISTRY_PATH,
/// share/mplane/registry beside the program's own folder, and the one of the source tree for a
/// program that lies where it was built, else the one of the installation.
std::vector<std::filesystem::path> registry_directories();
/// The same for a program at that place; an empty one is not known.
std::vector<std::filesystem::path> registry_directories(const std::filesystem::path& program);

/// Loads a registry: "core" (built in), a file (JSON, or YAML by its ending; relative ones are seen
/// from `base`), or a name such as "loopback", which is loopback.json in the first of the folders
/// that has it. Includes are found by the last part of their URI, beside the file first; nothing
/// is ever fetched.
/// @throws Error{Configuration} naming the file, and the folders that were searched.
Registry load_registry(std::string_view name, const std::filesystem::path& base,
                       const std::vector<std::filesystem::path>& directories);

/// The first of them, where messages may name all the others too; the core registry if none.
Registry load_registries(const std::vector<std::string>& names, const std::filesystem::path& base,
                         const std::vector<std::filesystem::path>& directories);

}  // namespace mplane
