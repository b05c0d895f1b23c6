#pragma once

#include "mplane/model/log.hpp"
#include "mplane/model/registry.hpp"
#include "mplane/scheduler/service.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace mplane {

/// Loads a module from a shared object (mplane/plugin.h) and gives its services, which run on
/// workers. The library stays loaded to the end of the process; to be called before threads start.
/// @param settings handed to the module as they are.
/// @throws Error{Configuration} when the file is none, could be replaced by others (it or its
/// folder is writable for more than its owner, or owned by somebody who is neither root nor us), is
/// no module, was built for another version of the interface, refuses its settings, or offers what
/// is no capability of the registry.
std::vector<Service> load_plugin(const std::filesystem::path& file, const Registry& registry,
                                 const std::map<std::string, std::string, std::less<>>& settings,
                                 const LogSink& log = {});

}  // namespace mplane
