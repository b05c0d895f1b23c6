#pragma once

#include "certificate_watch.hpp"
#include "mplane/component/component.hpp"
#include "mplane/scheduler/clock.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace mplane {

class Extension;

/// Whether a component can do what it is for. Thread-safe; the references outlive it.
struct Health {
  const Component& component;
  const CertificateWatch& certificates;
  const Clock& clock;
  std::filesystem::path state_dir = {};  ///< empty: it has none
  const Extension* extension = nullptr;  ///< of the program, if it has one

  /// Whether it still answers peers; may take a second. What a restart would not cure is no matter
  /// here.
  bool is_alive() const;
  /// What is wrong, a sentence each; nothing when all is well. May take a second.
  std::vector<std::string> complaints() const;
};

}  // namespace mplane
