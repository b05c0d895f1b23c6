#pragma once

#include "mplane/model/capability.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/model/when.hpp"

#include <string>
#include <vector>

namespace mplane {

/// What is to be measured, as it was typed.
struct Question {
  std::string capability;                     ///< its label or token
  std::vector<std::string> assignments = {};  ///< "destination.ip4=192.0.2.1"
  std::string when = {};                      ///< the scope; chosen by default_scope when empty
  std::string repeat = {};                 ///< shorthand: how often, "1h", or when, "0 0 * * * *"
  std::string length = {};                 ///< shorthand: for how long, "7d"
  std::string label = {};                  ///< of the measurement; the capability's when empty
  std::vector<std::string> metadata = {};  ///< "composition.sample=3"
};

/// The time now, in the protocol's precision.
Instant wall_clock();

/// The scope of a question: `when`, else default_scope. With `repeat` that is what each run is, and
/// has to start at `now`; with `length` alone it lasts so long.
/// @throws Error{Malformed, Configuration} naming the option.
When scope_of(const Question& question, const Capability& capability, Instant now);

/// The specification that a question means for a capability, without a token.
/// @throws Error{Configuration} for an assignment that is none, to a parameter that there is not or
/// to an element that its registry has not (with a near miss), or twice; as SpecificationBuilder
/// for what the capability does not admit.
Specification specify(const Capability& capability, const Question& question);

}  // namespace mplane
