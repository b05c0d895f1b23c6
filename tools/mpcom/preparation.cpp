#include "preparation.hpp"

#include "mplane/model/near_miss.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/store/state_folder.hpp"
#include "mplane/tools/registries.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace mplane {
namespace {

std::optional<Registry> open_registries(const ComponentConfig& config, Mistakes& mistakes) {
  try {
    return load_registries(config.registries, config.folder, registry_directories());
  } catch (const Error& error) {
    mistakes.add(config.registries_where, error.what());
    return {};
  }
}

std::optional<TlsContext> open_tls(const ComponentConfig& config, const LogSink& log,
                                   Mistakes& mistakes) {
  if (config.options.insecure) return {};
  try {
    return TlsContext(config.tls, log);
  } catch (const Error& error) {
    mistakes.add(config.tls_where, error.what());
    return {};
  }
}

void check_state(const ComponentConfig& config, Mistakes& mistakes) {
  if (config.state_dir.empty()) return;
  try {
    check_state_folder(config.state_dir);
  } catch (const Error& error) {
    mistakes.add(config.state_dir_where, error.what());
  }
}

const Module* find_module(const ModuleEntry& entry, const std::vector<Module>& modules,
                          Mistakes& mistakes) {
  NearMiss guess(entry.name);
  for (const Module& module : modules) {
    if (module.name == entry.name) return &module;
    guess.consider(module.name);
  }
  mistakes.add(entry.where, "there is no module " + mplane::quoted(entry.name) + guess.hint());
  return nullptr;
}

Settings settings_of(const ModuleEntry& entry) {
  Settings settings;
  for (const auto& [key, value] : entry.settings) {
    std::string& text = settings[key];
    for (const std::string& item : value.texts) text += (text.empty() ? "" : ",") + item;
  }
  return settings;
}

/// Calls the module's maker; an Error that names a setting points at that setting's line.
std::vector<Service> make_services(const Module& module, const ModuleEntry& entry,
                                   const Registry& registry, Mistakes& mistakes) {
  try {
    return module.make(registry, settings_of(entry));
  } catch (const Error& error) {
    const auto setting = entry.settings.find(error.where());
    mistakes.add(setting == entry.settings.end() ? entry.where : setting->second.where,
                 "module '" + entry.name + "': " + error.what());
    return {};
  }
}

}  // namespace

Preparation prepare(const ComponentConfig& config, const std::vector<Module>& modules,
                    const LogSink& log, Mistakes& mistakes) {
  Preparation prepared{config.options, {}};
  prepared.options.log = log;
  prepared.options.tls = open_tls(config, log, mistakes);
  check_state(config, mistakes);
  const auto registry = open_registries(config, mistakes);
  if (registry) prepared.options.registry = *registry;
  std::set<std::string> offered;
  for (const ModuleEntry& entry : config.modules) {
    const Module* const module = find_module(entry, modules, mistakes);
    if (module == nullptr || !registry) continue;
    for (Service& service : make_services(*module, entry, *registry, mistakes)) {
      const std::string label = service.capability.label();
      if (!offered.insert(service.capability.token()).second) {
        mistakes.add(entry.where, "module '" + entry.name + "' offers " + mplane::quoted(label) +
                                      " a second time");
        continue;
      }
      prepared.services.push_back(std::move(service));
    }
  }
  return prepared;
}

}  // namespace mplane
