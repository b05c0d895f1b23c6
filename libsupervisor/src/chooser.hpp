#pragma once

#include "choice.hpp"
#include "merge.hpp"
#include "mplane/model/capability.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/scheduler/service.hpp"
#include "mplane/supervisor/composition.hpp"
#include "offers.hpp"
#include "round_memory.hpp"

#include <cstddef>
#include <vector>

namespace mplane::detail {

/// A composition as it was offered above, and the first of those it was made of: components of
/// another kind are not asked, whoever came first. A value.
struct Offered {
  Composition composition;
  Capability kind;
};

/// Who is asked for a specification of a composition, and who was to be and cannot. A value.
struct Chosen {
  std::vector<Asked> asked;
  std::vector<Part> missing;
};

/// Decides that, by what is offered below, what the operator selected, and what the client chose,
/// also by what it asked before. Thread-safe.
class Chooser {
 public:
  /// They outlive it.
  explicit Chooser(const Offers& offers) : offers_(offers) {}

  /// @throws Error{Invalid} for what the client may not choose, or asks for and is none.
  void check(const Composition& composition, const Owner& client, const Specification& asked) const;
  /// How many are asked, as long as nobody comes or goes. @throws as `check`.
  std::size_t count(const Offered& offered, const Owner& client, const Specification& asked) const;
  /// @throws as `check`; Error{Unavailable} when there is nobody.
  Chosen choose(const Offered& offered, const Owner& client, const Specification& asked);

 private:
  std::vector<Registration> selected(const Offered& offered, const Owner& client,
                                     const Choice& choice) const;

  const Offers& offers_;
  RoundMemory rounds_;
};

}  // namespace mplane::detail
