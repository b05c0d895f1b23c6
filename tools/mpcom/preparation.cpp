#include "preparation.hpp"

#include "mplane/component/plugin_loader.hpp"
#include "mplane/model/near_miss.hpp"
#include "mplane/model/quoted.hpp"
#include "mplane/store/state_folder.hpp"
#include "mplane/tools/registries.hpp"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>

namespace mplane {
namespace {

namespace fs = std::filesystem;

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

Settings flat(const ConfigSection::Table& table) {
  Settings settings;
  for (const auto& [key, value] : table) {
    std::string& text = settings[key];
    for (const std::string& item : value.texts) text += (text.empty() ? "" : ",") + item;
  }
  return settings;
}

std::string name_of(const ModuleEntry& entry) {
  return entry.library.empty() ? entry.name : entry.library.filename().string();
}

/// The service of a shared object, behind the check of targets that it cannot make itself.
Service checked(Service service, const TargetCheck& check) {
  service.run = Run([run = std::get<Run>(service.run), check](const Specification& specification,
                                                              std::stop_token stop) {
    check_targets(specification, check);
    return run(specification, std::move(stop));
  });
  return service;
}

/// Makes services from settings; what is wrong with one of them is noted at its line.
class ServiceMaker {
 public:
  ServiceMaker(const std::vector<Module>& modules, const Registry& registry, const LogSink& log,
               TargetCheck check, ConfigContext& context)
      : modules_(modules),
        registry_(registry),
        log_(log),
        check_(std::move(check)),
        context_(context) {}

  /// The services of an entry, from the table of modules or from a shared object; collections are
  /// added to the others.
  std::vector<Service> make(const ModuleEntry& entry, std::vector<Collection>& collections) const {
    ConfigSection settings(entry.settings, context_, "settings");
    if (!settings.is_valid()) return {};
    const Module* const module =
        entry.library.empty() ? find_module(entry, modules_, context_.mistakes) : nullptr;
    if (module == nullptr && entry.library.empty()) return {};
    ConfigSection::Table table;
    try {
      if (module == nullptr) return load(entry.library, flat(table = settings.table()));
      if (const auto* const read = std::get_if<Module::Read>(&module->make)) {
        return (*read)(registry_, settings);
      }
      if (const auto* const collect = std::get_if<Module::Collect>(&module->make)) {
        return add((*collect)(registry_, settings), collections);
      }
      return std::get<Module::Make>(module->make)(registry_, flat(table = settings.table()));
    } catch (const Error& error) {
      const auto setting = table.find(error.where());
      context_.mistakes.add(setting == table.end() ? entry.where : setting->second.where,
                            "module '" + name_of(entry) + "': " + error.what());
      return {};
    }
  }

 private:
  /// @return no service.
  static std::vector<Service> add(std::vector<Collection> more, std::vector<Collection>& to) {
    std::move(more.begin(), more.end(), std::back_inserter(to));
    return {};
  }

  std::vector<Service> load(const fs::path& library, const Settings& settings) const {
    std::vector<Service> services = load_plugin(library, registry_, settings, log_);
    for (Service& service : services) service = checked(std::move(service), check_);
    return services;
  }

  const std::vector<Module>& modules_;
  const Registry& registry_;
  const LogSink& log_;
  const TargetCheck check_;
  ConfigContext& context_;
};

/// The same capability, with more metadata.
Capability told(const Capability& capability, const std::string& element, const std::string& text) {
  auto builder = CapabilityBuilder(capability.verb(), capability.label())
                     .when(capability.when())
                     .metadata(element, text);
  for (const Element* const one : capability.schema().parameters()) {
    builder = std::move(builder).parameter(one->name(), capability.constraint(one->name()));
  }
  for (const Element* const one : capability.schema().columns()) {
    builder = std::move(builder).result(one->name());
  }
  for (const auto& [name, value] : capability.metadata()) {
    if (name != element) builder = std::move(builder).metadata(name, value);
  }
  if (capability.link()) builder = std::move(builder).link(*capability.link());
  if (capability.export_url()) builder = std::move(builder).exports_to(*capability.export_url());
  if (capability.has_token()) builder = std::move(builder).token(capability.token());
  return std::move(builder).build(capability.registry());
}

/// Has all capabilities tell what the operator says of the component.
void tell(const ConfigSection::Table& metadata, std::vector<Service>& services,
          Mistakes& mistakes) {
  for (const auto& [element, entry] : metadata) {
    try {
      if (entry.texts.size() != 1) throw Error(ErrorKind::Configuration, "", "it has one value");
      for (Service& service : services) {
        service.capability = told(service.capability, element, entry.texts[0]);
      }
    } catch (const Error& error) {
      mistakes.add(entry.where, "'component.metadata." + element + "': " + error.what());
    }
  }
}

}  // namespace

Preparation prepare(const ComponentConfig& config, const std::vector<Module>& modules,
                    const LogSink& log, const TargetCheck& check_target, ConfigContext& context) {
  Preparation prepared{config.options, {}};
  prepared.options.log = log;
  prepared.options.tls = open_tls(config, log, context.mistakes);
  check_state(config, context.mistakes);
  const auto registry = open_registries(config, context.mistakes);
  if (registry) prepared.options.registry = *registry;
  std::set<std::string> offered;
  if (!registry) {
    for (const ModuleEntry& entry : config.modules) {
      if (entry.library.empty()) find_module(entry, modules, context.mistakes);
    }
    return prepared;
  }
  const ServiceMaker maker(modules, *registry, log, check_target, context);
  for (const ModuleEntry& entry : config.modules) {
    for (Service& service : maker.make(entry, prepared.collections)) {
      const std::string label = service.capability.label();
      if (!offered.insert(service.capability.token()).second) {
        context.mistakes.add(entry.where, "module '" + name_of(entry) + "' offers " +
                                              mplane::quoted(label) + " a second time");
        continue;
      }
      prepared.services.push_back(std::move(service));
    }
  }
  // A module that is at fault lacks services that are not.
  if (context.mistakes.empty()) {
    tell(config.metadata, prepared.services, context.mistakes);
    apply(config.services, prepared.services, context.mistakes);
  }
  return prepared;
}

}  // namespace mplane
