#pragma once

#include "mplane/component/component.hpp"
#include "mplane/component/options.hpp"
#include "mplane/mpcom/module.hpp"
#include "mplane/mpcom/run_component.hpp"
#include "mplane/scheduler/journal.hpp"
#include "mplane/session/tls.hpp"
#include "mplane/session/url.hpp"
#include "mplane/store/sync.hpp"
#include "mplane/tools/config_section.hpp"
#include "mplane/tools/metrics_page.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mplane {

/// Somebody that an extension wants to speak with, for `--doctor` to look at. A value.
struct Neighbour {
  std::string_view who;               ///< "component"
  std::variant<HostPort, Url> where;  ///< where it listens to them, or connects to them
};

/// What an extension is given of the component's configuration. What is a reference outlives it.
struct ExtensionHost {
  ComponentOptions& options;        ///< complete, unless there were mistakes; may be changed
  std::filesystem::path state_dir;  ///< empty: nothing is kept
  Sync sync;
  std::vector<Collection>& collections;  ///< of its modules; who takes what may be changed
};

/// What a program adds to the component that it runs: keys of the configuration of its own, and
/// what works beside the component. Called by `run_component` alone, on its thread unless something
/// else is said, in the order of these functions.
class Extension {
 public:
  virtual ~Extension() = default;

  /// Reads its keys of the file, and notes mistakes. Also called when the file is read again while
  /// it works: what is in force then stays.
  virtual void read(ConfigSection& root) = 0;
  /// Looks whether that can be done; what is wrong goes to the context.
  virtual void prepare(const ExtensionHost& host, ConfigContext& context) = 0;
  /// With whom it would speak.
  virtual std::vector<Neighbour> neighbours() const = 0;
  /// Tells how it fares, from any thread while it works.
  virtual void measure(MetricsPage& page) const = 0;
  /// The component is there and has its services; nobody is answered yet.
  virtual void attach(Component& component) = 0;
  /// A process before us accepted this for a service that no module has: to be restored once the
  /// extension offers it.
  virtual void restore(const JobRecord& record) = 0;
  /// Begins to work. @return what the ready file says behind the component's URL.
  virtual std::string start() = 0;
  /// Takes new certificates.
  virtual void use(TlsContext tls) = 0;
  /// The component has stopped: ends its work, also when that never began. Must not throw.
  virtual void stop() = 0;

 protected:
  Extension() = default;
  Extension(const Extension&) = default;
  Extension& operator=(const Extension&) = default;
};

/// A program that runs a component with an extension, as its users see it.
struct ExtendedProgram {
  std::string name;         ///< "mpsup"
  std::string description;  ///< one line for its help
};

/// As run_component with a list of modules, but for the extension; `modules` may then be missing in
/// the configuration. The extension outlives it.
int run_component(int argc, const char* const* argv, const ListModules& list_modules,
                  const ExtendedProgram& program, Extension& extension) noexcept;

}  // namespace mplane
