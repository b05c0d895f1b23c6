#pragma once

#include "mplane/session/pki.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace mplane {

/// Issues a certificate to each simulated component, in memory, as `mppki issue … component` would:
/// "DC=org, DC=example, OU=component, CN=sim-1". Immutable.
class Identities {
 public:
  /// Reads ca.crt and ca.key of the folder. @throws Error{Configuration} naming the file.
  Identities(const std::filesystem::path& folder, std::string name);

  /// Of the component with this number, from 0; its name counts from 1.
  pki::Credential issue(std::size_t component) const;

 private:
  std::string name_;
  pki::Credential authority_;
  SubjectName domain_;
};

}  // namespace mplane
