#include "mplane/tools/registries.hpp"

#include "mplane/model/error.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/tools/yaml.hpp"

#include <cstdlib>
#include <sstream>
#include <system_error>

namespace mplane {
namespace {

namespace fs = std::filesystem;

bool is_below(const fs::path& file, const fs::path& directory) {
  std::error_code ignored;
  const fs::path relative =
      fs::weakly_canonical(file, ignored).lexically_relative(fs::weakly_canonical(directory));
  return !relative.empty() && *relative.begin() != "..";
}

/// The file of that name in the first folder that has it.
fs::path find_file(const std::string& name, const std::vector<fs::path>& directories) {
  std::string searched;
  for (const fs::path& directory : directories) {
    std::error_code ignored;
    if (fs::is_regular_file(directory / name, ignored)) return directory / name;
    searched += (searched.empty() ? "" : ", ") + directory.string();
  }
  throw Error(ErrorKind::Configuration, "",
              "there is no registry file " + mplane::quoted(name) + " in " + searched);
}

bool is_file_name(const std::string_view name) {
  return name.find('/') != std::string_view::npos || name.ends_with(".json") ||
         name.ends_with(".yaml") || name.ends_with(".yml");
}

/// "http://example.org/registry/loopback" is loopback.json.
std::string file_name_of(const std::string_view uri) {
  return std::string(uri.substr(uri.find_last_of('/') + 1)) + ".json";
}

Registry decode_file(const fs::path& file, std::vector<fs::path> directories) {
  directories.insert(directories.begin(), file.parent_path());
  const std::string json = read_as_json(file);
  std::vector<std::string> uris;
  Registry registry = [&] {
    try {
      return Registry::decode(json, [&](const std::string_view uri) {
        uris.emplace_back(uri);
        return read_as_json(find_file(file_name_of(uri), directories));
      });
    } catch (const Error& error) {
      throw Error(ErrorKind::Configuration, file.string(), error.what());
    }
  }();
  for (const std::string& uri : uris) {
    if (registry.known(uri) != nullptr) continue;
    throw Error(ErrorKind::Configuration, file.string(),
                "includes " + uri + ", but " + file_name_of(uri) + " defines another registry");
  }
  return registry;
}

}  // namespace

std::vector<fs::path> registry_directories() {
  std::error_code failed;
  const fs::path program = fs::read_symlink("/proc/self/exe", failed);
  return registry_directories(failed ? fs::path() : program);
}

std::vector<fs::path> registry_directories(const fs::path& program) {
  std::vector<fs::path> directories;
  if (const char* const path = std::getenv("MPLANE_REGISTRY_PATH")) {
    std::istringstream folders{std::string(path)};
    for (std::string folder; std::getline(folders, folder, ':');) {
      if (!folder.empty()) directories.emplace_back(folder);
    }
  }
  if (!program.empty()) {
    directories.push_back((program.parent_path() / "../share/mplane/registry").lexically_normal());
  }
  // An installed program does not look where it was built: others may write there by now.
  directories.emplace_back(is_below(program, MPLANE_BUILD_DIR) ? MPLANE_SOURCE_REGISTRY
                                                               : MPLANE_INSTALLED_REGISTRY);
  return directories;
}

Registry load_registry(const std::string_view name, const fs::path& base,
                       const std::vector<fs::path>& directories) {
  if (name == "core") return Registry::core();
  if (is_file_name(name)) return decode_file((base / name).lexically_normal(), directories);
  return decode_file(find_file(std::string(name) + ".json", directories), directories);
}

Registry load_registries(const std::vector<std::string>& names, const fs::path& base,
                         const std::vector<fs::path>& directories) {
  if (names.empty()) return Registry::core();
  Registry registry = load_registry(names.front(), base, directories);
  for (auto name = names.begin() + 1; name != names.end(); ++name) {
    registry = registry.also(load_registry(*name, base, directories));
  }
  return registry;
}

}  // namespace mplane
