#include "mplane/session/access.hpp"

#include "mplane/model/error.hpp"

#include <algorithm>

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
  Table roles;
  Table authorizations;

  bool opens(std::string_view name, const RoleNames& peer_roles) const {
    const auto entry = authorizations.find(name);
    return entry != authorizations.end() &&
           std::any_of(entry->second.begin(), entry->second.end(),
                       [&](const std::string& role) { return peer_roles.count(role) != 0; });
  }
};

AccessControl::AccessControl() : AccessControl(Table{}, Table{}) {}

AccessControl::AccessControl(Table roles, Table authorizations) {
  check(roles, "roles");
  check(authorizations, "authorizations");
  tables_ = std::make_shared<const Tables>(Tables{std::move(roles), std::move(authorizations)});
}

AccessControl AccessControl::open() { return AccessControl(std::shared_ptr<const Tables>()); }

bool AccessControl::allows(const Identity& peer, std::string_view label,
                           std::string_view token) const {
  if (is_open()) return true;
  const auto peer_roles = tables_->roles.find(peer.text());
  if (peer_roles == tables_->roles.end()) return false;
  return tables_->opens(label, peer_roles->second) || tables_->opens(token, peer_roles->second);
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
