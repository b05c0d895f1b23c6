#pragma once

#include "mplane/component/component.hpp"
#include "mplane/model/registry.hpp"
#include "mplane/scheduler/service.hpp"
#include "mplane/tools/config_section.hpp"

#include <functional>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace mplane {

/// What an operator wrote below a module's `settings`: text by name; the items of a list are joined
/// by commas.
using Settings = std::map<std::string, std::string, std::less<>>;

/// A capability that collects, and who takes what others post to it (`Component::collect`).
struct Collection {
  Capability capability;
  Component::AsyncCollect take;
};

/// A named maker of services. A program lists its modules in a table, so that reading the table
/// tells what the program can do; nothing registers itself. A value.
struct Module {
  /// Makes the services that the settings ask for, from elements of the registry. Called once for
  /// each entry of the configuration that names the module, on the thread that starts the program.
  /// @throws Error{Configuration} whose `where` is the setting that is unknown or wrong; whatever
  /// else an Error says stops the program, too.
  using Make = std::function<std::vector<Service>(const Registry&, const Settings&)>;
  /// The same for settings with a structure. It notes mistakes where they are, refuses keys that it
  /// does not know, and what it throws is a mistake, too.
  using Read = std::function<std::vector<Service>(const Registry&, ConfigSection& settings)>;
  /// The same of collections.
  using Collect = std::function<std::vector<Collection>(const Registry&, ConfigSection& settings)>;

  std::string name;
  std::variant<Make, Read, Collect> make;
};

}  // namespace mplane
