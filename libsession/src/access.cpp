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

}  // namespace

struct AccessControl::Tables {
  using Pattern = std::pair<std::string, RoleNames>;

  Tables(Table roles_of_peers, Table roles_for_names)
      : roles(std::move(roles_of_peers)), authorizations(std::move(roles_for_names)) {
    for (const auto& [name, names] : authorizations) {
      if (name.find('*') != std::string::npos) patterns.emplace_back(name, names);
    }
  }

  bool opens(std::string_view name, const RoleNames& peer_roles) const {
    const auto have_common = [&](const RoleNames& names) {
      return std::any_of(names.begin(), names.end(),
                         [&](const std::string& role) { return peer_roles.count(role) != 0; });
    };
    const auto entry = authorizations.find(name);
    if (entry != authorizations.end() && have_common(entry->second)) return true;
    return std::any_of(patterns.begin(), patterns.end(), [&](const Pattern& pattern) {
      return matches(pattern.first, name) && have_common(pattern.second);
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
  const bool by_label = !label.empty() && tables_->opens(label, peer_roles->second);
  return by_label || tables_->opens(token, peer_roles->second);
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
