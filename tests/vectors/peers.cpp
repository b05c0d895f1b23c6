// Peers: who they are, and what they may use (kinds identity, authorization).

#include "mplane/session/access.hpp"
#include "mplane/session/identity.hpp"
#include "vector_kind.hpp"

#include <string>

using mplane::AccessControl;
using mplane::Identity;

namespace {

mplane::SubjectName subject_name(const Json& rdns) {
  mplane::SubjectName subject;
  for (const Json& rdn : rdns.array()) {
    mplane::RelativeName name;
    for (const Json& attribute : rdn.array()) {
      name.push_back({attribute.array().at(0).text(), attribute.array().at(1).text()});
    }
    subject.push_back(std::move(name));
  }
  return subject;
}

AccessControl::Table table(const Json& names) {
  AccessControl::Table table;
  for (const auto& [name, roles] : names.object()) {
    table[name] = mplane::parse_role_names(roles.text());
  }
  return table;
}

}  // namespace

Json answer_identity(const Json& vector_case, const VectorFile&) {
  const Json* const rdns = vector_case.find("rdns");
  if (rdns == nullptr || rdns->is_null()) return Identity().text();
  return mplane::identity_of(subject_name(*rdns)).text();
}

Json answer_authorization(const Json& vector_case, const VectorFile&) {
  const AccessControl access(table(vector_case.at("roles")),
                             table(vector_case.at("authorizations")));
  const Identity peer(vector_case.at("identity").text());
  const Json& label = vector_case.at("label");
  return access.allows(peer, label.is_null() ? std::string_view() : label.text(), {});
}
