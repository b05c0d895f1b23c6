#pragma once

#include "mplane/client/client_listener.hpp"
#include "mplane/model/specification.hpp"
#include "mplane/model/value.hpp"
#include "mplane/supervisor/composition.hpp"

#include <optional>
#include <string>
#include <vector>

namespace mplane::detail {

/// Who is asked for a specification of a composition, of those that the operator selects: by what
/// the client chose, else by the operator's lots. A value.
struct Choice {
  Lots lots = {};
  std::vector<std::string> components = {};  ///< patterns of names; all when empty
  std::optional<std::string> same_as = {};   ///< the token of an earlier measurement
};

/// @throws Error{Invalid} at "metadata/<element>" for what the client may not choose.
Choice choice_of(const Composition& composition, const Specification& asked);

/// The items of a split's list, each once, in their order.
/// @throws Error{Invalid, Malformed} naming the item that is none, or that there are too many.
std::vector<Value> items_of(const Composition& composition, const Specification& asked);

/// One offer that is asked, of a split for one item.
struct Asked {
  Registration offer;
  Value item = {};
};

/// Deals out the items among offers, in turn; who does not take an item is passed over.
/// @param refused gets those that nobody takes.
std::vector<Asked> dealt(const std::vector<Value>& items, const std::vector<Registration>& offers,
                         const std::string& parameter, std::vector<Value>& refused);

}  // namespace mplane::detail
