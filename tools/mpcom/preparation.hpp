#pragma once

#include "component_config.hpp"
#include "mplane/component/options.hpp"
#include "mplane/mpcom/extension.hpp"
#include "mplane/mpcom/module.hpp"
#include "mplane/scheduler/service.hpp"

#include <vector>

namespace mplane {

/// What a component needs to be made and to serve.
struct Preparation {
  ComponentOptions options;
  std::vector<Service> services;
  std::vector<Collection> collections = {};
  std::vector<Neighbour> neighbours = {};  ///< of the program's extension
};

/// Opens what a configuration names: registries, certificates and keys, modules with their
/// settings; looks at the state directory. What is wrong with them goes to the mistakes, each at
/// the line that names it.
/// @param check_target for shared objects, which cannot make it themselves.
Preparation prepare(const ComponentConfig& config, const std::vector<Module>& modules,
                    const LogSink& log, const TargetCheck& check_target, ConfigContext& context);

}  // namespace mplane
