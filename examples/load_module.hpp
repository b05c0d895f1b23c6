#pragma once

#include <map>
#include <string>
#include <vector>

#include <mplane/model/registry.hpp>
#include <mplane/scheduler/service.hpp>

namespace example {

using Settings = std::map<std::string, std::string, std::less<>>;

/// The module `load`: this host's load, as the kernel averages it. One setting: `minutes`.
std::vector<mplane::Service> make_load(const mplane::Registry& registry, const Settings& settings);

}  // namespace example
