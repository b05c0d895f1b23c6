#include "mplane/session/access.hpp"

#include "mplane/model/error.hpp"
#include "mplane/session/pattern.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace mplane {
namespace {

/// Refuses empty names: an empty identity would match a certificate without a subject, an empty
/// label a capability without one.
void check(const AccessControl::Table& table, const std::string& where) {
  for (const auto& [name, roles] : table) {
    if (name.empty()) throw Error(ErrorKind::Configuration, where, "an entry has no name");
    if (roles.count("") != 0) {
      throw Error(ErrorKind::Configuration, where + "/" + name, "a role has no name");
    }
  }
}

bool have_common(const AccessControl::RoleNames& a, const AccessControl::RoleNames& b) {
  return std::any_of(a.begin(), a.end(),
                     [&](const std::string& role) { return b.count(role) != 0; });
}

}  // namespace

struct AccessControl::Tables {
  using Pattern = std::pair<std::string, RoleNames>;

  Tables(Table roles_of_peers, Table roles_for_names)
      : roles(std::move(roles_of_peers)), authorizations(std::move(roles_for_names)) {
    for (const auto& [name, names] : authorizations) {
      if (name.find('*') != std::string::npos) patterns.emplace_back(name, names);
    }
  }

  /// Whether a name of the table itself, a label or a token, is open to one of these roles.
  bool names(std::string_view name, const RoleNames& peer_roles) const {
    const auto entry = authorizations.find(name);
    return entry != authorizations.end() && have_common(entry->second, peer_roles);
  }
  /// Whether a pattern is that this label matches. What a token looks like means nothing.
  bool matches_label(std::string_view label, const RoleNames& peer_roles) const {
    return std::any_of(patterns.begin(), patterns.end(), [&](const Pattern& pattern) {
      return matches(pattern.first, label) && have_common(pattern.second, peer_roles);
    });
  }

  Table roles;
  Table authorizations;
  std::vector<Pattern> patterns;  ///< those of the authorizations that are some
};

AccessControl::AccessControl() : AccessControl(Table{}, Table{}) {}

AccessControl::AccessControl(Table roles, Table authorizations) {
  check(roles, "roles");
  check(authorizations, "authorizations");
  tables_ = std::make_shared<const Tables>(std::move(roles), std::move(authorizations));
}

AccessControl AccessControl::open() { return AccessControl(std::shared_ptr<const Tables>()); }

bool AccessControl::allows(const Identity& peer, std::string_view label,
                           std::string_view token) const {
  if (is_open()) return true;
  const auto peer_roles = tables_->roles.find(peer.text());
  if (peer_roles == tables_->roles.end()) return false;
  const RoleNames& roles = peer_roles->second;
  const bool by_label =
      !label.empty() && (tables_->names(label, roles) || tables_->matches_label(label, roles));
  return by_label || tables_->names(token, roles);
}

AccessControl::RoleNames parse_role_names(std::string_view text) {
  AccessControl::RoleNames names;
  if (text.find_first_not_of(' ') == std::string_view::npos) return names;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    const std::size_t first = part.find_first_not_of(' ');
    if (first == std::string_view::npos) {
      throw Error(ErrorKind::Configuration, "",
                  "a role has no name in \"" + std::string(text) + "\"");
    }
    names.emplace(part.substr(first, part.find_last_not_of(' ') - first + 1));
    begin = end + 1;
  }
  return names;
}

}  // namespace mplane
