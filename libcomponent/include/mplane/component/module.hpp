#pragma once

#include "mplane/model/registry.hpp"
#include "mplane/scheduler/service.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace mplane {

/// What an operator wrote below a module's `settings`: text by name.
using Settings = std::map<std::string, std::string, std::less<>>;

/// A named maker of services. A program lists its modules in a table, so that reading the table
/// tells what the program can do; nothing registers itself. A value.
struct Module {
  /// Makes the services that the settings ask for, from elements of the registry. Called once, on
  /// the thread that starts the program. @throws Error{Configuration} whose `where` is the setting
  /// that is unknown or wrong; whatever else an Error says stops the program, too.
  using Make = std::function<std::vector<Service>(const Registry&, const Settings&)>;

  std::string name;
  Make make;
};

}  // namespace mplane
