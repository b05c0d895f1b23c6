#include "mplane/probes/common/elements.hpp"

#include "mplane/model/error.hpp"

#include <string>

namespace mplane {

const Registry& probes_registry(const Registry& registry, std::string_view module) {
  const Registry* const elements = registry.known(kProbesRegistryUri);
  if (elements != nullptr) return *elements;
  throw Error(ErrorKind::Configuration, "",
              std::string(module) + " needs the registry " + std::string(kProbesRegistryUri));
}

}  // namespace mplane
