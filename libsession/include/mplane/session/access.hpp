#pragma once

#include "mplane/session/identity.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace mplane {

/// Who may use what (protocol, section 9): identities have roles, and a capability's label or token
/// is open to roles. What is not allowed is refused. Immutable value; copies are cheap, so a reload
/// is the exchange of one for another.
///
/// Names are compared whole; `*` in the table is any text of a label, never of a token. Consulted
/// by whoever shows capabilities or takes specifications, once per message.
class AccessControl {
 public:
  using RoleNames = std::set<std::string>;
  using Table = std::map<std::string, RoleNames, std::less<>>;

  /// Allows nothing to anybody.
  AccessControl();

  /// `roles`: identity → its roles; `authorizations`: capability's label or token → the roles that
  /// may use it. Throws Error{Configuration} for an empty identity, label or role name.
  AccessControl(Table roles, Table authorizations);

  /// Allows everything to everybody: only for the explicitly insecure mode.
  static AccessControl open();

  /// May this peer use the capability with this label (may be empty: none) and token?
  bool allows(const Identity& peer, std::string_view label, std::string_view token) const;

  /// True for open(): worth a warning in the log.
  bool is_open() const noexcept { return tables_ == nullptr; }

 private:
  struct Tables;
  explicit AccessControl(std::shared_ptr<const Tables> tables) : tables_(std::move(tables)) {}

  std::shared_ptr<const Tables> tables_;  ///< null: open
};

/// Role names from text, "guest, admin": separated by commas, spaces around them dropped, empty
/// text is no role. Throws Error{Configuration} for an empty name between commas.
AccessControl::RoleNames parse_role_names(std::string_view text);

}  // namespace mplane
