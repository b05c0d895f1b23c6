#pragma once

#include "mplane/model/specification.hpp"

#include <string>

namespace mplane {

/// Where the results of specifications with an `export` go (protocol, section 10). An interface, so
/// that a dispatcher needs no network.
class Exports {
 public:
  virtual ~Exports() = default;

  /// @throws Error{Refused} saying why its results cannot go where it says.
  virtual void check(const Specification& specification) const = 0;
  /// Such a specification was accepted: from now on what it yields is sent.
  virtual void begin(const std::string& owner, const Specification& specification) = 0;

 protected:
  Exports() = default;
  Exports(const Exports&) = default;
  Exports& operator=(const Exports&) = default;
};

}  // namespace mplane
