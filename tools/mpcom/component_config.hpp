#pragma once

#include "mplane/component/options.hpp"
#include "mplane/probe/target_policy.hpp"
#include "mplane/session/url.hpp"
#include "mplane/store/journal_file.hpp"
#include "mplane/store/spool.hpp"
#include "mplane/tools/config_section.hpp"
#include "mplane/tools/log_output.hpp"
#include "service_config.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mplane {

class Extension;

/// An entry of `modules`: a built-in one, or a shared object. Its settings are the module's to
/// read.
struct ModuleEntry {
  std::string name;               ///< empty for a shared object
  std::filesystem::path library;  ///< empty for a built-in one
  std::string where;
  ConfigNode settings;
};

/// A component's configuration file, as it was read: every value has its type, but no file that it
/// names has been opened yet. doc/configuration.md describes its keys.
struct ComponentConfig {
  /// All that can be said without opening files: `registry`, `tls` and `log` are still missing.
  ComponentOptions options = {};
  TlsOptions tls = {};
  LogOptions log = {};
  std::optional<HostPort> status = {};   ///< where health and metrics are told; nowhere
  std::filesystem::path state_dir = {};  ///< empty: all is in memory
  JournalOptions journal = {};           ///< its `log` is still missing
  SpoolOptions spool = {};               ///< the same, and its folder
  TargetLists targets = {};
  ConfigSection::Table metadata = {};  ///< that its capabilities tell
  std::vector<std::string> registries = {};
  std::vector<ModuleEntry> modules = {};
  std::vector<ServiceEntry> services = {};
  std::filesystem::path module_dir = {};
  std::filesystem::path folder = {};  ///< of the file; relative names of registries start there

  // Where to point at when what the files hold turns out to be wrong.
  std::string registries_where = {};
  std::string state_dir_where = {};
  std::string tls_where = {};
};

/// Reads a whole file's keys; mistakes go to the context.
/// @param extension reads keys of its own, and does without modules; null: there is none.
ComponentConfig read_component_config(const ConfigNode& root, ConfigContext& context,
                                      Extension* extension = nullptr);

}  // namespace mplane
