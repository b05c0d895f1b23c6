#pragma once

#include "mplane/component/module.hpp"
#include "mplane/component/options.hpp"
#include "mplane/probe/target_policy.hpp"
#include "mplane/store/journal_file.hpp"
#include "mplane/tools/config_section.hpp"
#include "mplane/tools/log_output.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mplane {

/// An entry of `modules`, and where its parts stand in the file.
struct ModuleEntry {
  std::string name;
  std::string where;
  ConfigSection::Table settings;
};

/// A component's configuration file, as it was read: every value has its type, but no file that it
/// names has been opened yet. doc/configuration.md describes its keys.
struct ComponentConfig {
  /// All that can be said without opening files: `registry`, `tls` and `log` are still missing.
  ComponentOptions options = {};
  TlsOptions tls = {};
  LogOptions log = {};
  std::filesystem::path state_dir = {};  ///< empty: all is in memory
  JournalOptions journal = {};           ///< its `log` is still missing
  TargetLists targets = {};
  std::vector<std::string> registries = {};
  std::vector<ModuleEntry> modules = {};
  std::filesystem::path folder = {};  ///< of the file; relative names of registries start there

  // Where to point at when what the files hold turns out to be wrong.
  std::string registries_where = {};
  std::string state_dir_where = {};
  std::string tls_where = {};
};

/// Reads a whole file's keys; mistakes go to the context.
ComponentConfig read_component_config(const ConfigNode& root, ConfigContext& context);

}  // namespace mplane
