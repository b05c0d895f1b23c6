#pragma once

#include "mplane/client/client_listener.hpp"
#include "mplane/model/capability.hpp"
#include "mplane/model/result.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/supervisor/composition.hpp"
#include "question.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mplane::detail {

/// What one component answered.
struct Part {
  std::string component;  ///< empty when nobody could be asked
  Answer answer;
  Value item = {};  ///< of a split: for which it was asked
};

/// A result of a component as one to the specification that a client asked: the scope and the
/// values that really were measured, the rows, the metadata.
/// @throws Error{Mismatch} when it has other columns.
Result translated(const Result& result, const Specification& asked);

/// The capability above of a composition of these, of which there is at least one; without a label
/// of another's, with a token that depends on nothing but itself and its label.
/// @throws Error{Invalid} when the registry lacks an element, or a column is there twice.
Capability composed(const Composition& composition, const std::vector<Registration>& offers,
                    const Registry& registry);

/// Whether one more capability leaves a composition as it is; `first` is the first of those it is
/// of. Cheaper than composing all again.
bool leaves_as_it_is(const Composition& composition, const Capability& above,
                     const Capability& first, const Capability& one);
/// Whether what a composition offers above is still right when others went and that one is now the
/// first: it has the scope, and the constraints in which they were one.
bool keeps_as_it_is(const Composition& composition, const Capability& above, const Capability& one);

/// One result of all parts: the rows of those that have some, each with its component's name, or
/// the one row of aggregates; the scope from the first start to the last end; who is missing, and
/// why, as metadata. @throws Error{Failed} with all reasons when there is no result among them.
Result merged(const Composition& composition, const Specification& asked,
              const std::vector<Part>& parts);

/// Who has no result and why: "a: no reply; b: …", or for which item, "1.1.1.1 (a): no reply", at
/// most so many bytes, which end in "; ..." if there are more; empty when all have one.
std::string missing_text(const std::vector<Part>& parts, std::size_t most = 4096);

}  // namespace mplane::detail
