#pragma once

#include "mplane/client/client_listener.hpp"
#include "mplane/model/detail/mutex.hpp"
#include "mplane/supervisor/composition.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace mplane::detail {

/// What the components below offer now, in the order in which they came. Thread-safe.
class Offers {
 public:
  void add(const Registration& registration) MPLANE_EXCLUDES(mutex_);
  void remove(const Registration& registration) MPLANE_EXCLUDES(mutex_);

  /// Those whose label matches a pattern.
  std::vector<Registration> labelled(std::string_view pattern) const MPLANE_EXCLUDES(mutex_);
  /// Those that a composition is made of: matching, selected, and of one kind, which is that of the
  /// first; no lots are drawn.
  std::vector<Registration> of(const Composition& composition) const MPLANE_EXCLUDES(mutex_);
  /// The same of the kind that `kind` is of.
  std::vector<Registration> of(const Composition& composition, const Capability& kind) const
      MPLANE_EXCLUDES(mutex_);
  /// The first that a composition might be made of with the schema and verb of `kind`.
  std::optional<Registration> first_of(const Composition& composition, const Capability& kind) const
      MPLANE_EXCLUDES(mutex_);

 private:
  mutable Mutex mutex_;
  std::vector<Registration> offers_ MPLANE_GUARDED_BY(mutex_);
};

}  // namespace mplane::detail
